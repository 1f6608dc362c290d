// Vectors as strips of colour, one above the other, on one scale. Hover, touch or the arrow keys tell a number.
export default (component) => mount(component, (root) => {
  const home = root.querySelector(".strips"), readout = root.querySelector(".readout")
  let data, values = [], bars = [], drawn = "", at = [0, 0]

  const number = (v) => `${v < 0 ? "−" : "+"}${Math.abs(v).toFixed(3)}`
  const value = (row, column) => values[row * data.columns + column]

  function strip(row, colours) {
    const canvas = make("canvas", row === data.framed ? "framed" : "")
    canvas.width = data.columns
    canvas.height = 1
    canvas.dataset.row = row
    const pen = canvas.getContext("2d"), picture = pen.createImageData(data.columns, 1)
    for (let i = 0; i < data.columns; i++) {
      const rgb = colours[Math.round(127.5 * (1 + clamp(value(row, i) / data.limit, -1, 1)))]
      picture.data.set([...rgb, 255], 4 * i)
    }
    pen.putImageData(picture, 0, 0)
    return canvas
  }

  function axis() {
    const line = make("div", "axis"), step = [1, 2, 5, 10, 20, 50, 100, 200, 500].find((n) => data.columns / n <= 6) ?? 1000
    for (let i = 0; i < data.columns; i += step) {
      const tick = make("span", "tick", String(i))
      tick.style.left = `${(100 * (i + 0.5)) / data.columns}%`
      line.append(tick)
    }
    line.append(make("span", "title", data.axis))
    return line
  }

  function scale(colours) {
    const bar = make("span", "bar"), limit = data.limit.toPrecision(2)
    bar.style.background = `linear-gradient(to right, ${[0, 64, 128, 191, 255].map((v) => `rgb(${colours[v]})`).join(", ")})`
    const node = make("div", "scale")
    node.append(make("span", "", `−${limit}`), bar, make("span", "", `+${limit}`))
    return node
  }

  function build() {
    root.style.setProperty("--scale", data.scale)
    const colours = ramp(root, "--scale", 1), page = document.createDocumentFragment()
    bars = data.names.map((_, row) => strip(row, colours))
    home.classList.toggle("heads", Boolean(data.heads))
    if (data.heads) page.append(make("span"), make("span", "head title", data.head), make("span"))
    bars.forEach((bar, row) => {
      page.append(make("bdi", `name${row === data.framed ? " framed" : ""}`, data.names[row]))
      if (data.heads) page.append(make("span", `head${row === data.framed ? " framed" : ""}`, data.heads[row]))
      page.append(bar)
    })
    page.append(make("span"), ...(data.heads ? [make("span")] : []), axis(), make("span"), ...(data.heads ? [make("span")] : []), scale(colours))
    home.replaceChildren(page)
  }

  function tell(row, column) {
    at = [row, column]
    const sum = data.sums && row === 2 ? ` = ${number(value(0, column))} ${number(value(1, column)).replace(/^([+−])/, "$1 ")}` : ""
    readout.textContent = `${data.names[row]}, dimension ${column}: ${number(value(row, column))}${sum}`
  }

  function hover(event) {
    const row = event.target.dataset?.row
    if (row === undefined) return
    const box = event.target.getBoundingClientRect()
    tell(Number(row), clamp(Math.floor(((event.clientX - box.left) / box.width) * data.columns), 0, data.columns - 1))
  }
  home.onpointermove = home.onclick = hover
  home.onpointerleave = () => (readout.textContent = data.label)
  home.onkeydown = (event) => {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key]
    if (!step) return
    tell(clamp(at[0] + step[0], 0, bars.length - 1), clamp(at[1] + step[1], 0, data.columns - 1))
    event.preventDefault()
  }

  const view = {
    update(next) {
      data = next
      const bytes = bytesOf(data.values)
      values = new Float32Array(new Int16Array(bytes.buffer, 0, bytes.byteLength / 2)).map((v) => (v / 32767) * data.limit)
      home.setAttribute("aria-label", `${data.label}. Arrow keys tell single numbers.`)
      const now = JSON.stringify([data, root.dataset.theme])
      if (now !== drawn) build()
      drawn = now
      readout.textContent = data.label
    },
  }
  return view
})
