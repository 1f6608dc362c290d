// The road: a GPT as a block diagram, each part a button; lines are drawn between the boxes as they lie.
const SVG = "http://www.w3.org/2000/svg"

export default (component) => mount(component, (root) => {
  const road = root.querySelector(".road"), wires = root.querySelector(".wires")
  const line = road.appendChild(make("div", "line")), times = road.appendChild(make("div", "times"))
  let data, stops = {}

  function station(stop, i) {
    const button = make("button", `stop ${stop.place}`)
    const title = button.appendChild(make("span", "title", stop.title))
    if (stop.place === "attention") for (const letter of "QKV") {
      const sign = title.appendChild(make("span", `qkv ${letter.toLowerCase()}`, letter))
      sign.setAttribute("aria-hidden", "true")
    }
    button.append(make("bdi", "number", stop.number), make("span", "unit", stop.unit))
    if (stop.detail) button.append(make("bdi", "detail", stop.detail))
    button.type = "button"
    button.title = `Open ${stop.title}`
    if (stop.path === data.current) button.setAttribute("aria-current", "page")
    button.onclick = () => view.pick(i)
    return button
  }

  function draw(kind, className, attributes) {
    const node = wires.appendChild(document.createElementNS(SVG, kind))
    node.setAttribute("class", className)
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value)
  }
  const path = (className, d) => draw("path", className, { d })

  function box(place) {
    const { offsetLeft: x, offsetTop: y, offsetWidth: w, offsetHeight: h } = stops[place] ?? line
    return { left: x, right: x + w, top: y, bottom: y + h, middle: x + w / 2, centre: y + h / 2 }
  }

  function arrow(x, y, dx, dy, className = "head") {
    path(className, `M${x},${y} L${x - 9 * dx - 5 * dy},${y - 9 * dy - 5 * dx} L${x - 9 * dx + 5 * dy},${y - 9 * dy + 5 * dx}Z`)
  }

  /** The sign where what a layer found is added to the stream. */
  function plus(x, y) {
    draw("circle", "plus", { cx: x, cy: y, r: 11 })
    path("sign", `M${x - 5.5},${y} H${x + 5.5} M${x},${y - 5.5} V${y + 5.5}`)
  }

  function wide() {
    const y = box("embeddings").centre, inner = box("line"), logits = box("logits"), next = box("next")
    const frame = { x: inner.left - 12, y: box("attention").top - 34, right: inner.right + 12, bottom: box("stream").bottom + 12 }
    draw("rect", "block", { x: frame.x, y: frame.y, width: frame.right - frame.x, height: frame.bottom - frame.y, rx: 14 })
    Object.assign(times.style, { left: `${frame.x + 14}px`, top: `${frame.y + 6}px` })
    for (const [from, to] of [["text", "tokens"], ["tokens", "embeddings"], ["logits", "next"]]) {
      path("wire", `M${box(from).right},${y} H${box(to).left - 6}`)
      arrow(box(to).left - 1, y, 1, 0)
    }
    path("stream", `M${box("embeddings").right + 2},${y} H${logits.left - 9}`)
    arrow(logits.left - 1, y, 1, 0)
    for (const place of ["attention", "feedforward"]) {
      const { left, right, bottom } = box(place), up = left + 0.22 * (right - left), down = left + 0.8 * (right - left)
      path("wire", `M${up},${y} V${bottom + 8}`)
      arrow(up, bottom + 1, 0, -1)
      path("wire", `M${down},${bottom} V${y - 18}`)
      arrow(down, y - 11, 0, 1)
      plus(down, y)
    }
    const training = box("training"), windows = box("windows")
    path("back", `M${box("tokens").middle},${box("tokens").top - 2} V${windows.bottom + 9}`)
    arrow(box("tokens").middle, windows.bottom + 2, 0, -1, "back-head")
    path("back", `M${next.middle},${next.bottom + 4} V${training.centre} H${training.right + 9}`)
    arrow(training.right + 2, training.centre, -1, 0, "back-head")
    path("back", `M${training.middle},${training.top - 2} V${frame.bottom + 9}`)
    arrow(training.middle, frame.bottom + 2, 0, -1, "back-head")
  }

  function narrow() {
    const x = 16, first = box("attention"), last = box("stream"), next = box("next")
    draw("rect", "block", { x: 0, y: first.top - 32, width: road.clientWidth, height: last.bottom - first.top + 44, rx: 14 })
    Object.assign(times.style, { left: `${first.left}px`, top: `${first.top - 28}px` })
    path("stream", `M${x},${box("text").centre} V${next.centre}`)
    for (const place of ["text", "tokens", "embeddings", "norm", "logits", "stream", "next"]) {
      draw("circle", "head", { cx: x, cy: box(place).centre, r: 6 })
      path("wire", `M${x},${box(place).centre} H${box(place).left}`)
    }
    for (const place of ["attention", "feedforward"]) {
      const { left, top, bottom } = box(place), high = top + 0.3 * (bottom - top), low = top + 0.7 * (bottom - top)
      path("wire", `M${x},${high} H${left - 7} M${left},${low} H${x + 11}`)
      arrow(left - 1, high, 1, 0)
      plus(x, low)
    }
    path("back", `M${x},${next.centre + 9} V${box("training").centre} H${box("training").left - 8}`)
    for (const place of ["windows", "training"]) arrow(box(place).left - 1, box(place).centre, 1, 0, "back-head")
    path("back", `M${x},${box("windows").centre} H${box("windows").left - 8}`)
  }

  const view = {
    draw() {
      if (!data || !road.clientWidth) return
      wires.replaceChildren()
      getComputedStyle(road).gridTemplateAreas === "none" ? narrow() : wide() // road.css says from which width on
    },
    update(next) {
      data = next
      const focused = road.contains(root.getRootNode().activeElement) && root.getRootNode().activeElement.className
      Object.values(stops).forEach((button) => button.remove())
      stops = Object.fromEntries(data.stations.map((stop, i) => [stop.place, station(stop, i)]))
      road.append(...Object.values(stops))
      times.textContent = `${data.layers} block${data.layers === 1 ? "" : "s"}, one after the other`
      road.setAttribute("aria-label", data.label)
      if (focused) road.querySelector(`.${focused.split(" ")[1]}`)?.focus()
      view.draw()
    },
  }
  return view
})
