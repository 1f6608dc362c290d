// Two arrows to turn and stretch by hand: their dot product follows while they move; the server hears of the end.
export default (component) => mount(component, (root) => {
  const plane = root.querySelector(".plane"), readout = root.querySelector(".readout")
  const NAMES = ["a", "b"]
  let data, ends = [], held = null

  const svg = (tag, attributes, text) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag)
    Object.entries(attributes).forEach(([name, value]) => node.setAttribute(name, value))
    if (text !== undefined) node.textContent = text
    return node
  }
  const tip = ([angle, length]) => [length * Math.cos((angle * Math.PI) / 180), length * Math.sin((angle * Math.PI) / 180)]
  const side = () => clamp(plane.clientWidth, 200, 460)
  const unit = () => side() / (2 * data.most + 0.8)
  const at = ([x, y]) => [side() / 2 + x * unit(), side() / 2 - y * unit()]
  const number = (v) => (Math.abs(v) < 0.005 ? "0.00" : v.toFixed(2).replace("-", "−"))

  function line(kind, from, to) {
    const [[x1, y1], [x2, y2]] = [at(from), at(to)]
    return svg("line", { class: kind, x1, y1, x2, y2 })
  }

  function arrowOf(i) {
    const [x, y] = tip(ends[i]), [u, v] = at([x, y]), name = NAMES[i]
    const turn = Math.atan2(-y, x), head = [[0, 0], [-16, -8], [-16, 8]]
    const points = head.map(([p, q]) => `${u + p * Math.cos(turn) - q * Math.sin(turn)},${v + p * Math.sin(turn) + q * Math.cos(turn)}`)
    const group = svg("g", { class: `arrow ${name}`, "data-i": i })
    const far = 1 + 0.28 / Math.max(0.5, ends[i][1]), [s, t] = at([x * far, y * far])
    group.append(line("shaft", [0, 0], [x * 0.97, y * 0.97]), svg("polygon", { points: points.join(" ") }))
    group.append(svg("circle", { class: "grip", cx: u, cy: v, r: 20 }), svg("text", { x: s, y: t + 7, "text-anchor": "middle" }, name))
    return group
  }

  function draw() {
    if (!data || !plane.clientWidth) return
    const picture = svg("svg", { width: side(), height: side(), role: "img", "aria-label": data.label })
    for (let k = -data.most; k <= data.most; k++) {
      const edge = data.most + 0.4
      picture.append(line(k ? "grid" : "grid zero", [k, -edge], [k, edge]), line(k ? "grid" : "grid zero", [-edge, k], [edge, k]))
      const [x, y] = at([k, 0])
      if (k) picture.append(svg("text", { class: "tick", x, y: y + 17, "text-anchor": "middle" }, number(k).replace(".00", "")))
    }
    const [a, b] = ends.map(tip), length = Math.hypot(...a), product = a[0] * b[0] + a[1] * b[1]
    if (length > 0.01) {
      const shadow = a.map((v) => (v / length) * (product / length))
      picture.append(line("shadow", [0, 0], shadow), line("drop", b, shadow))
    }
    picture.append(arrowOf(0), arrowOf(1))
    plane.replaceChildren(picture)
    readout.textContent = `a · b = ${number(a[0])}·${number(b[0])} + ${number(a[1])}·${number(b[1])} = ${number(product)}`
  }

  function move(event) {
    if (held === null) return
    const box = plane.querySelector("svg").getBoundingClientRect()
    const x = (event.clientX - box.left - side() / 2) / unit(), y = (side() / 2 - (event.clientY - box.top)) / unit()
    const angle = Math.round(((Math.atan2(y, x) * 180) / Math.PI) / 5) * 5
    ends[held] = [angle, Math.round(clamp(Math.hypot(x, y), 0, data.most) * 10) / 10]
    draw()
  }

  plane.onpointerdown = (event) => {
    const grip = event.target.closest?.(".arrow")
    if (!grip) return
    held = Number(grip.dataset.i)
    plane.setPointerCapture(event.pointerId)
    event.preventDefault()
  }
  plane.onpointermove = move
  plane.onpointerup = plane.onpointercancel = () => {
    if (held === null) return
    const i = held
    held = null
    view.pick([i, ...ends[i]])
  }

  const view = {
    draw,
    update(next) {
      data = next
      if (held === null) ends = [data.a, data.b]
      draw()
    },
  }
  return view
})
