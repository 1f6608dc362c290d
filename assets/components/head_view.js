// One head, at one stage: rows are queries, columns keys or numbers; hover tells how a cell came about.
const half = (h) => {
  const exponent = (h >> 10) & 31, fraction = h & 1023
  return (h >> 15 ? -1 : 1) * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : fraction * 2 ** -24)
}
/** base64 -> numbers; as many 4-byte floats as `count`, else 2-byte halves. */
function floats(base64, count) {
  if (!base64) return null
  const { buffer, length } = bytesOf(base64)
  return length === 4 * count ? new Float32Array(buffer) : Float64Array.from(new Uint16Array(buffer), half)
}
const fixed = (x, digits = 2) => x.toFixed(digits).replace("-", "−")
const factor = (x) => (x < 0 ? `(${fixed(x)})` : fixed(x))
const UNITS = { scores: "q·k", scaled: "score", masked: "score", weights: "weight", context: "value" }

export default (component) => mount(component, (root) => {
  const stage = root.querySelector(".stage"), canvas = root.querySelector("canvas")
  const readout = root.querySelector(".readout"), beside = root.querySelector(".beside")
  const over = root.querySelector(".over"), chosen = root.querySelector(".chosen")
  let data, weights, queries, keys, values, mixes, cells, limit, colours, shape
  let picked = null, cursor = [0, 0], hovered = null, painted = ""

  const hidden = (row, column) => data.causal && column > row
  const masked = (row, column) => (data.stage === "masked" || data.stage === "weights") && hidden(row, column)
  const table = (rows, columns, value) => Array.from({ length: rows }, (_, row) => Float32Array.from({ length: columns }, (_, column) => value(row, column)))

  function decode() {
    const n = data.texts.length, d = data.head_dim
    ;[queries, keys, values, mixes] = ["queries", "keys", "values", "context"].map((name) => floats(data[name], n * d))
    if (data.weights) {
      const bytes = bytesOf(data.weights), levels = data.bits === 16 ? new Uint16Array(bytes.buffer) : bytes
      let next = 0
      weights = table(n, n, (row, column) => (hidden(row, column) ? 0 : levels[next++] / (2 ** data.bits - 1)))
    }
    if (data.stage === "weights") cells = weights
    else if (data.stage === "context") cells = table(n, d, (row, column) => mixes[row * d + column])
    else cells = table(n, n, (row, column) => (data.stage === "scores" ? dot(row, column) : score(row, column)))
    limit = cells.reduce((most, line, row) => line.reduce((m, x, column) => (masked(row, column) ? m : Math.max(m, Math.abs(x))), most), 0) || 1
  }

  function dot(row, column) {
    let sum = 0
    for (let i = 0, d = data.head_dim; i < d; i++) sum += queries[row * d + i] * keys[column * d + i]
    return sum
  }

  /** What softmax reads: divided by the root of the width, and by the temperature. */
  const score = (row, column) => dot(row, column) / (data.scaled ? Math.sqrt(data.head_dim) : 1) / data.temperature

  function layout(pen) {
    const n = data.texts.length, room = root.clientWidth, narrow = room < 560
    pen.font = `13px ${style(root, "--st-code-font")}`
    const longest = Math.max(...data.texts.map((_, i) => pen.measureText(short(tokenName(data, i), 12)).width))
    const label = Math.max(44, Math.ceil(Math.min(longest, narrow ? 74 : 100)) + 10)
    const space = Math.min(room > 880 ? room - 330 : room, 720)
    const m = data.stage === "context" ? data.head_dim : n
    const cell = Math.min((space - label - 26) / m, 600 / n, 46), corner = label + 22
    const tall = m === n ? cell : clamp(20, cell, 600 / n) // rows of numbers need not be square
    return { n, m, label, cell, tall, corner, width: corner + cell * m + 2, height: corner + tall * n + 2 }
  }

  const box = (row, column, columns = 1) => ({ // around the cells, hiding none
    x: shape.corner + column * shape.cell - 2.5, y: shape.corner + row * shape.tall - 2.5,
    w: columns * shape.cell + 4, h: shape.tall + 4,
  })

  function draw() {
    stage.hidden = !data.texts.length
    if (stage.hidden) return
    const share = data.stage === "weights"
    colours = share ? ramp(root) : signedRamp(root)
    legend(share ? [0, 0.1, 0.3, 1].map((w) => [w, w ** GAMMA]) : [[fixed(-limit, 1), 0], [0, 0.5], [fixed(limit, 1), 1]], share)
    shape = layout(canvas.getContext("2d"))
    const pen = context(canvas, shape.width, shape.height)
    drawCells(pen)
    drawLabels(pen)
    frame(over, null)
    frame(chosen, picked !== null && box(picked, 0, shape.m))
  }

  function legend(ticks, share) {
    root.querySelector(".unit").textContent = UNITS[data.stage]
    root.querySelector(".bar").classList.toggle("signed", !share)
    root.querySelector(".ticks").replaceChildren(...ticks.map(([text, at]) => {
      const tick = make("span", "mono", text)
      tick.style.left = `${100 * at}%`
      return tick
    }))
  }

  const level = (x) => (data.stage === "weights" ? 255 * x : 127.5 * (1 + clamp(x / limit, -1, 1)))

  function drawCells(pen) {
    const { n, m, cell, tall, corner } = shape, gap = cell > 9 ? 1 : 0, rest = gap ? -gap : 0.5
    for (let row = 0; row < n; row++) {
      for (let column = 0; column < m; column++) {
        if (masked(row, column)) continue
        pen.fillStyle = `rgb(${colours[Math.round(level(cells[row][column]))]})`
        pen.fillRect(corner + column * cell, corner + row * tall, cell + rest, tall + rest)
      }
    }
    if (masked(0, 1)) hatch(pen)
  }

  /** The future of every query, drawn as slanted lines: no weight lives there. */
  function hatch(pen) {
    const { n, cell, corner } = shape, end = corner + n * cell
    pen.save()
    pen.beginPath()
    for (let row = 0; row < n; row++) pen.rect(corner + (row + 1) * cell, corner + row * cell, end, cell)
    pen.clip()
    pen.beginPath()
    pen.rect(corner, corner, n * cell, n * cell)
    pen.clip()
    pen.strokeStyle = style(root, "--st-text-color")
    pen.globalAlpha = 0.2
    pen.beginPath()
    for (let x = corner - n * cell; x < end; x += 7) {
      pen.moveTo(x, end)
      pen.lineTo(x + n * cell, corner)
    }
    pen.stroke()
    pen.restore()
  }

  function drawLabels(pen) {
    const { n, m, label, cell, tall, corner } = shape
    pen.direction = "ltr"
    pen.font = `600 13px ${style(root, "--st-font")}`
    pen.fillStyle = style(root, "--gb-query")
    pen.textAlign = "right"
    pen.fillText("query ↓", corner - 8, corner - 10)
    pen.fillStyle = style(root, data.stage === "context" ? "--gb-value" : "--gb-key")
    pen.textAlign = "left"
    pen.fillText(data.stage === "context" ? "number of the value →" : "key →", corner, 9)
    const lit = hovered ?? [picked, null]
    for (const [axis, count, size] of [[0, n, tall], [1, m, cell]])
      for (let i = 0, step = Math.ceil(14 / size); i < count; i++) {
        const near = lit[axis] !== null && Math.abs(lit[axis] - i) < step
        if (i === lit[axis] || (i % step === 0 && !near)) tick(pen, i, axis, i === lit[axis], label, size, corner)
      }
  }

  function tick(pen, i, axis, bold, label, cell, corner) {
    const at = corner + (i + 0.5) * cell
    pen.save()
    if (axis) {
      pen.translate(at, corner - 6)
      pen.rotate(-Math.PI / 2)
    } else pen.translate(corner - 6, at)
    pen.textAlign = axis ? "left" : "right"
    pen.font = `${bold ? "700 " : ""}13px ${style(root, "--st-code-font")}`
    pen.fillStyle = style(root, bold ? (axis ? "--gb-key" : "--gb-query") : "--st-text-color")
    pen.fillText(axis && data.stage === "context" ? i : fitted(pen, tokenName(data, i), label - 6), 0, 0)
    pen.restore()
  }

  function fitted(pen, text, width) {
    const letters = [...text]
    while (letters.length > 1 && pen.measureText(letters.join("") + "…").width > width) letters.pop()
    return `\u2068${letters.length < [...text].length ? letters.join("") + "…" : text}\u2069`
  }

  const token = (className, i) => make("bdi", `mono ${className}`, short(tokenName(data, i), 24))
  const line = (className, ...parts) => {
    const node = make("div", className)
    node.append(...parts)
    return node
  }

  function say(row, column) {
    if (row === null) return readout.replaceChildren("Point at a cell: which token looks where, and how much?")
    if (column === null) return sayRow(row)
    const number = data.stage === "context"
    const head = line("", token("query", row), number ? ` takes in, at number ${column}` : " looks at ", number ? "" : token("key", column))
    if (masked(row, column)) return readout.replaceChildren(head, line("value mono", data.stage === "masked" ? "−∞" : "masked"),
      line("sum", "This key comes after the query. A token never sees the future: exp(−∞) = 0, its weight is 0."))
    readout.replaceChildren(head, line("value mono", fixed(cells[row][column], 3)), ...arithmetic(row, column))
  }

  function sayRow(row) {
    if (data.stage === "context") return say(row, 0)
    const seen = [...cells[row]].map((x, column) => (masked(row, column) ? -Infinity : x))
    const best = seen.indexOf(Math.max(...seen))
    const how = data.stage === "weights" ? "looks mostly at" : "matches best"
    readout.replaceChildren(line("", token("query", row), ` (token ${row}) ${how} `, token("key", best), ` (token ${best})`),
      line("value mono", fixed(cells[row][best], 3)), ...arithmetic(row, best))
  }

  /** q·k = 0.31×1.20 + … = 0.84, / √16 = 0.21, exp(0.21) / sum = 0.12: from the vectors themselves. */
  function arithmetic(row, column) {
    if (data.stage === "context") return weights && values ? [mixed(row, column)] : []
    if (!queries || !keys) return []
    const d = data.head_dim, terms = []
    for (let i = 0; i < Math.min(3, d); i++) terms.push(`${factor(queries[row * d + i])}×${factor(keys[column * d + i])}`)
    const sum = dot(row, column)
    const node = line("sum mono", line("", "q·k = ", terms.join(" + "), d > 3 ? " + …" : ""), line("", `= ${fixed(sum)}`))
    if (data.stage === "scores") return [node]
    if (data.scaled) node.append(line("", `/ √${d} = ${fixed(sum / Math.sqrt(d))}`))
    if (data.temperature !== 1) node.append(line("", `/ temperature ${data.temperature} = ${fixed(score(row, column))}`))
    if (data.stage === "weights") node.append(...share(row, column))
    if (data.stage === "masked") node.append(line("", data.causal ? "not after the query: it stays" : "no mask: it stays"))
    return [node]
  }

  /** One exponential of a row over the sum of all that may be seen. */
  function share(row, column) {
    const own = score(row, column)
    let all = 0
    for (let k = 0; k < shape.n; k++) if (!hidden(row, k)) all += Math.exp(score(row, k) - own)
    const plain = Math.abs(own) < 9 && all * Math.exp(own) < 1e5
    if (!plain) return [line("", `exp(${fixed(own)}) / sum of the row = ${fixed(1 / all, 3)}`)]
    return [line("", `exp(${fixed(own)}) = ${fixed(Math.exp(own))}`), line("", `/ ${fixed(all * Math.exp(own))}, the row's sum = ${fixed(1 / all, 3)}`)]
  }

  /** A number of the context: the values of all that is seen, each times its weight, the heaviest first. */
  function mixed(row, column) {
    const d = data.head_dim, value = (k) => values[k * d + column]
    const order = [...weights[row].keys()].filter((k) => !hidden(row, k)).sort((a, b) => weights[row][b] - weights[row][a])
    const sum = order.reduce((total, k) => total + weights[row][k] * value(k), 0), told = cells[row][column]
    const terms = order.slice(0, 3).map((k) => `${fixed(weights[row][k])}×${factor(value(k))}`)
    const node = line("sum mono", line("", "w·v = ", terms.join(" + "), order.length > 3 ? " + …" : ""), line("", `= ${fixed(sum)}`))
    if (Math.abs(sum - told) > 0.02 * limit && !data.cropped) node.append(line("", `changed by hand to ${fixed(told)}`))
    return node
  }

  function highlight(cell) {
    if (String(cell) === String(hovered)) return
    hovered = cell
    const pen = canvas.getContext("2d")
    pen.clearRect(0, 0, shape.width, shape.corner - 2)
    pen.clearRect(0, 0, shape.corner - 2, shape.height)
    drawLabels(pen)
    frame(over, cell && box(...cell))
    say(...(cell ?? [picked, null]))
    hint(cell)
  }

  /** The same words beside the cell, where the readout is below the picture and may be out of sight. */
  function hint(cell) {
    const home = root.getBoundingClientRect(), below = readout.getBoundingClientRect().top >= stage.getBoundingClientRect().bottom
    beside.classList.toggle("on", Boolean(cell) && below)
    if (!cell || !below) return
    beside.replaceChildren(...[...readout.childNodes].map((node) => node.cloneNode(true)))
    const { x, y, w, h } = box(...cell), mine = beside.getBoundingClientRect(), room = stage.getBoundingClientRect()
    const right = home.left + x + w + 8 + mine.width < window.innerWidth
    const top = clamp(y + h / 2 - mine.height / 2, -room.top, window.innerHeight - room.top - mine.height - 8)
    beside.style.transform = `translate(${right ? x + w + 8 : Math.max(0, x - mine.width - 8)}px, ${top}px)`
  }

  function cellAt(event) {
    const home = canvas.getBoundingClientRect()
    const column = Math.floor((event.clientX - home.left - shape.corner) / shape.cell)
    const row = Math.floor((event.clientY - home.top - shape.corner) / shape.tall)
    return row >= 0 && row < shape.n && column < shape.m ? [row, Math.max(0, column)] : null
  }

  function choose(cell) {
    picked = cell[0]
    cursor = cell
    frame(chosen, box(picked, 0, shape.m))
    view.pick(picked)
  }

  stage.onpointermove = (event) => highlight(cellAt(event))
  stage.onpointerleave = stage.onblur = () => highlight(null)
  stage.onclick = (event) => cellAt(event) && choose(cellAt(event))
  stage.onkeydown = (event) => {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key]
    if (event.key === "Enter" || event.key === " ") choose(cursor)
    else if (step) {
      cursor = cursor.map((at, axis) => clamp(at + step[axis], 0, (axis ? shape.m : shape.n) - 1))
      highlight(cursor)
    } else return
    event.preventDefault()
  }

  const view = {
    draw,
    update(next) {
      const now = JSON.stringify([root.dataset.theme, { ...next, picked: null }])
      data = next
      picked = data.picked
      cursor = [picked ?? cursor[0], cursor[1]].map((at) => clamp(at, 0, Math.max(0, data.texts.length - 1)))
      stage.setAttribute("aria-label", `${data.label}. Arrow keys move, Enter picks the query token.`)
      if (now !== painted) decode()
      painted = now
      draw()
      if (hovered && hovered[0] < shape.n && hovered[1] < shape.m) {
        frame(over, box(...hovered))
        say(...hovered)
      } else say(data.texts.length ? picked : null, null)
    },
  }
  return view
})
