// Neurons as rows, tokens as columns: purple below 0, orange above. Hover tells the number, a click picks the neuron.
export default (component) => mount(component, (root) => {
  const stage = root.querySelector(".stage"), canvas = root.querySelector("canvas")
  const readout = root.querySelector(".readout"), ticks = root.querySelector(".ticks")
  const over = root.querySelector(".over"), chosen = root.querySelector(".chosen"), place = root.querySelector(".place")
  let data, values, colours, shape, picked = null, cursor = [0, 0], painted = ""

  /** The diverging scale as 256 colours, from -limit over 0 to limit. */
  function scale() {
    const all = style(root, "--st-chart-diverging-colors").split(",")
    root.querySelector(".bar").style.background = `linear-gradient(90deg, ${all})`
    const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true })
    const run = pen.createLinearGradient(0, 0, 256, 0)
    all.forEach((stop, i) => run.addColorStop(i / (all.length - 1), stop.trim()))
    pen.fillStyle = run
    pen.fillRect(0, 0, 256, 1)
    const rgba = pen.getImageData(0, 0, 256, 1).data
    return Array.from({ length: 256 }, (_, i) => `rgb(${rgba[4 * i]},${rgba[4 * i + 1]},${rgba[4 * i + 2]})`)
  }

  const value = (row, column) => (values[row * data.texts.length + column] / 32767) * data.limit
  const fixed = (x) => x.toFixed(2).replace("-", "−")

  function layout(pen) {
    const rows = data.units.length, columns = data.texts.length
    pen.font = `13px ${style(root, "--st-code-font")}`
    const longest = Math.max(...data.texts.map((_, i) => pen.measureText(short(tokenName(data, i), 10)).width))
    const left = Math.ceil(pen.measureText("9".repeat(String(Math.max(...data.units)).length)).width) + 14
    const top = Math.ceil(longest) + 12
    const width = clamp((root.clientWidth - left - 6) / columns, 3, 40), height = clamp(520 / rows, 7, 22)
    return { rows, columns, left, top, width, height, step: Math.ceil(15 / width), every: Math.ceil(14 / height) }
  }

  function draw() {
    if (!data) return
    colours = scale()
    ticks.replaceChildren(...[-data.limit, 0, data.limit].map((x) => make("span", "mono", fixed(x))))
    shape = layout(canvas.getContext("2d"))
    const { rows, columns, left, top, width, height } = shape
    const pen = context(canvas, left + columns * width + 6, top + rows * height + 4)
    const gap = Math.min(width, height) > 9 ? 1 : 0
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++) {
        const share = values[row * columns + column] / 32767
        pen.fillStyle = colours[Math.round(127.5 + 127.5 * clamp(share, -1, 1))]
        pen.fillRect(left + column * width, top + row * height, width - gap + (gap ? 0 : 0.5), height - gap + (gap ? 0 : 0.5))
      }
    label(pen)
    frames()
  }

  function label(pen) {
    const { rows, columns, left, top, width, height, step, every } = shape
    pen.fillStyle = style(root, "--st-text-color")
    pen.textAlign = "right"
    for (let row = 0; row < rows; row++) {
      if (row !== picked && (row % every || (picked !== null && Math.abs(row - picked) < every))) continue
      pen.font = `${row === picked ? "700 " : ""}13px ${style(root, "--st-code-font")}`
      pen.fillText(data.units[row], left - 7, top + (row + 0.5) * height)
    }
    pen.textAlign = "left"
    for (let column = 0; column < columns; column++) {
      const mine = column === data.token
      if (!mine && (column % step || (data.token !== null && Math.abs(column - data.token) < step))) continue
      pen.save()
      pen.translate(left + (column + 0.5) * width, top - 6)
      pen.rotate(-Math.PI / 2)
      pen.font = `${mine ? "700 " : ""}13px ${style(root, "--st-code-font")}`
      pen.fillText(`\u2068${short(tokenName(data, column), 10)}\u2069`, 0, 0)
      pen.restore()
    }
  }

  function frames() {
    const { rows, columns, left, top, width, height } = shape
    frame(chosen, picked !== null && { x: left - 2, y: top + picked * height - 2, w: columns * width + 3, h: height + 3 })
    frame(place, data.token !== null && { x: left + data.token * width - 1, y: top - 1, w: width + 1, h: rows * height + 1 })
    frame(over, null)
  }

  function say(cell) {
    const [row, column] = cell ?? []
    if (row === undefined) return readout.replaceChildren("Point at a cell; click a neuron to see what fires it most.")
    const token = make("bdi", "mono", short(tokenName(data, column), 24))
    readout.replaceChildren(`Neuron ${data.units[row]} at `, token, `: ${fixed(value(row, column))}, ${data.stage}`)
  }

  function point(cell) {
    const { left, top, width, height } = shape
    frame(over, cell && { x: left + cell[1] * width - 1, y: top + cell[0] * height - 1, w: width + 1, h: height + 1 })
    say(cell)
  }

  function cellAt(event) {
    const home = canvas.getBoundingClientRect()
    const column = Math.floor((event.clientX - home.left - shape.left) / shape.width)
    const row = Math.floor((event.clientY - home.top - shape.top) / shape.height)
    return row >= 0 && row < shape.rows && column < shape.columns ? [row, Math.max(0, column)] : null
  }

  function choose(cell) {
    cursor = cell
    picked = cell[0]
    draw()
    view.pick(picked)
  }

  stage.onpointermove = (event) => point(cellAt(event))
  stage.onpointerleave = stage.onblur = () => point(null)
  stage.onclick = (event) => cellAt(event) && choose(cellAt(event))
  stage.onkeydown = (event) => {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key]
    if (event.key === "Enter" || event.key === " ") choose(cursor)
    else if (step) {
      cursor = [clamp(cursor[0] + step[0], 0, shape.rows - 1), clamp(cursor[1] + step[1], 0, shape.columns - 1)]
      point(cursor)
    } else return
    event.preventDefault()
  }

  const view = {
    draw,
    update(next) {
      const now = JSON.stringify([root.dataset.theme, next])
      data = next
      picked = data.picked
      stage.setAttribute("aria-label", `${data.label}. Arrow keys move, Enter picks a neuron.`)
      if (now === painted) return
      painted = now
      values = new Int16Array(bytesOf(data.values).buffer)
      cursor = [picked ?? 0, data.token ?? 0]
      draw()
      say(null)
    },
  }
  return view
})
