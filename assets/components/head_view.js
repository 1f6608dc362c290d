// One head: rows are queries, columns are keys; hover tells the weight and how its score came about.
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

export default (component) => mount(component, (root) => {
  const stage = root.querySelector(".stage"), canvas = root.querySelector("canvas")
  const readout = root.querySelector(".readout")
  const over = root.querySelector(".over"), chosen = root.querySelector(".chosen")
  let data, weights, queries, keys, scores, colours, shape, picked = null, cursor = [0, 0], hovered = null, painted = ""

  const masked = (row, column) => data.causal && column > row

  function decode() {
    const bytes = bytesOf(data.weights), n = data.texts.length
    const levels = data.bits === 16 ? new Uint16Array(bytes.buffer) : bytes
    let next = 0
    weights = Array.from({ length: n }, (_, row) => Float32Array.from({ length: n },
      (_, column) => (masked(row, column) ? 0 : levels[next++] / (2 ** data.bits - 1))))
    queries = floats(data.queries, n * data.head_dim)
    keys = floats(data.keys, n * data.head_dim)
    scores = floats(data.scores, n * n)
  }

  function layout(pen) {
    const n = data.texts.length, room = root.clientWidth, narrow = room < 560
    pen.font = `13px ${style(root, "--st-code-font")}`
    const longest = Math.max(...data.texts.map((_, i) => pen.measureText(short(tokenName(data, i), 12)).width))
    const label = Math.max(44, Math.ceil(Math.min(longest, narrow ? 74 : 100)) + 10)
    const space = Math.min(room > 880 ? room - 330 : room, 720)
    const cell = Math.min((space - label - 26) / n, 600 / n, 46)
    return { n, label, cell, corner: label + 22, step: Math.ceil(14 / cell), size: label + 22 + cell * n + 2 }
  }

  const box = (row, column, columns = 1) => ({ // around the cells, hiding none
    x: shape.corner + column * shape.cell - 2.5, y: shape.corner + row * shape.cell - 2.5,
    w: columns * shape.cell + 4, h: shape.cell + 4,
  })

  function draw() {
    stage.hidden = !data.texts.length
    if (stage.hidden) return
    colours = ramp(root)
    root.querySelector(".ticks").replaceChildren(...[0, 0.1, 0.3, 1].map((w) => {
      const tick = make("span", "mono", w)
      tick.style.left = `${100 * w ** GAMMA}%`
      return tick
    }))
    shape = layout(canvas.getContext("2d"))
    const pen = context(canvas, shape.size, shape.size)
    drawCells(pen)
    drawLabels(pen)
    frame(over, null)
    frame(chosen, picked !== null && box(picked, 0, shape.n))
  }

  function drawCells(pen) {
    const { n, cell, corner } = shape, gap = cell > 9 ? 1 : 0
    for (let row = 0; row < n; row++) {
      for (let column = 0; column < n; column++) {
        if (masked(row, column)) continue
        pen.fillStyle = `rgb(${colours[Math.round(weights[row][column] * 255)]})`
        pen.fillRect(corner + column * cell, corner + row * cell, cell - gap + (gap ? 0 : 0.5), cell - gap + (gap ? 0 : 0.5))
      }
    }
    if (data.causal) hatch(pen)
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
    const { n, label, cell, corner, step } = shape
    pen.direction = "ltr"
    pen.font = `600 13px ${style(root, "--st-font")}`
    pen.fillStyle = style(root, "--gb-query")
    pen.textAlign = "right"
    pen.fillText("query ↓", corner - 8, corner - 10)
    pen.fillStyle = style(root, "--gb-key")
    pen.textAlign = "left"
    pen.fillText("key →", corner, 9)
    const lit = hovered ?? [picked, null]
    for (let i = 0; i < n; i++) {
      const near = (at) => at !== null && Math.abs(at - i) < step
      if (i === lit[0] || (i % step === 0 && !near(lit[0]))) tick(pen, i, 0, i === lit[0], label, cell, corner)
      if (i === lit[1] || (i % step === 0 && !near(lit[1]))) tick(pen, i, 1, i === lit[1], label, cell, corner)
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
    pen.fillText(fitted(pen, tokenName(data, i), label - 6), 0, 0)
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
    const head = line("", token("query", row), " looks at ", token("key", column))
    if (masked(row, column)) return readout.replaceChildren(head, line("value mono", "masked"),
      line("sum", "This key comes after the query. A token never sees the future: its weight is 0."))
    readout.replaceChildren(head, line("value mono", fixed(weights[row][column], 3)), ...arithmetic(row, column))
  }

  function sayRow(row) {
    const best = weights[row].indexOf(Math.max(...weights[row]))
    readout.replaceChildren(line("", token("query", row), ` (token ${row}) looks mostly at `, token("key", best), ` (token ${best})`),
      line("value mono", fixed(weights[row][best], 3)))
  }

  /** q·k = 0.31×1.20 + … = 0.84, / √16 = 0.21, from the vectors themselves. */
  function arithmetic(row, column) {
    if (!queries || !keys) return scores ? [line("sum mono", `score ${fixed(scores[row * shape.n + column], 3)}`)] : []
    const d = data.head_dim, terms = []
    let sum = 0
    for (let i = 0; i < d; i++) {
      const q = queries[row * d + i], k = keys[column * d + i]
      sum += q * k
      if (i < 3) terms.push(`${fixed(q)}×${k < 0 ? `(${fixed(k)})` : fixed(k)}`)
    }
    const node = line("sum mono", line("", "q·k = ", terms.join(" + "), d > 3 ? " + …" : ""), line("", `= ${fixed(sum)}`))
    if (data.scaled) node.append(line("", `/ √${d} = ${fixed(sum / Math.sqrt(d))}`))
    return [node]
  }

  function highlight(cell) {
    if (String(cell) === String(hovered)) return
    hovered = cell
    const pen = canvas.getContext("2d")
    pen.clearRect(0, 0, shape.size, shape.corner - 2)
    pen.clearRect(0, 0, shape.corner - 2, shape.size)
    drawLabels(pen)
    frame(over, cell && box(...cell))
    say(...(cell ?? [picked, null]))
  }

  function cellAt(event) {
    const home = canvas.getBoundingClientRect()
    const column = Math.floor((event.clientX - home.left - shape.corner) / shape.cell)
    const row = Math.floor((event.clientY - home.top - shape.corner) / shape.cell)
    return row >= 0 && row < shape.n && column < shape.n ? [row, Math.max(0, column)] : null
  }

  function choose(cell) {
    picked = cell[0]
    cursor = cell
    frame(chosen, box(picked, 0, shape.n))
    view.pick(picked)
  }

  stage.onpointermove = (event) => highlight(cellAt(event))
  stage.onpointerleave = stage.onblur = () => highlight(null)
  stage.onclick = (event) => cellAt(event) && choose(cellAt(event))
  stage.onkeydown = (event) => {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key]
    if (event.key === "Enter" || event.key === " ") choose(cursor)
    else if (step) {
      cursor = cursor.map((at, axis) => clamp(at + step[axis], 0, shape.n - 1))
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
      if (hovered && hovered.every((at) => at < data.texts.length)) {
        frame(over, box(...hovered))
        say(...hovered)
      } else say(data.texts.length ? picked : null, null)
    },
  }
  return view
})
