// The tree of what was written: left to right, a box a token; the lit way leads to where one stands.
const SVG = "http://www.w3.org/2000/svg"
const LETTER = 8.1, PAD = 8, GAP = 16, ROW = 46, BOX = 38, LONGEST = 14 // pixels, and letters of a token
const percent = (p) => (p >= 0.995 ? "100%" : p >= 0.0995 ? `${Math.round(100 * p)}%` : p >= 0.001 ? `${(100 * p).toFixed(1)}%` : "<0.1%")

export default (component) => mount(component, (root) => {
  const home = root.querySelector(".tree"), tip = root.querySelector(".tip")
  let data, groups = [], boxes = [], stop = 0, drawn = "", scale = 1

  function shape(name, attributes, className) {
    const node = document.createElementNS(SVG, name)
    Object.entries(attributes).forEach(([key, value]) => node.setAttribute(key, value))
    if (className) node.setAttribute("class", className)
    return node
  }

  const nameOf = (i) => (i ? short(tokenName(data, i), LONGEST) : "prompt")
  const told = (i) => (i ? `${quoted(data, i)}, token ${data.depths[i]}, the model gave it ${percent(data.chances[i])}` : "the prompt, before any token")

  function lit() {
    const way = new Set()
    for (let i = data.current; i >= 0; i = data.parents[i]) way.add(i)
    return way
  }

  /** Each depth is a column, as wide as its widest token. */
  function places() {
    const widths = []
    data.depths.forEach((depth, i) => {
      const letters = Math.max([...nameOf(i)].length, 4)
      widths[depth] = Math.max(widths[depth] ?? 0, letters * LETTER + 2 * PAD)
    })
    const lefts = widths.reduce((all, width) => [...all, all.at(-1) + width + GAP], [4])
    return data.depths.map((depth, i) => ({ x: lefts[depth], y: 4 + data.rows[i] * ROW, w: widths[depth] }))
  }

  function wire(i, way) {
    const from = boxes[data.parents[i]], to = boxes[i]
    const x = from.x + from.w, y = from.y + BOX / 2, bend = GAP / 2
    const d = `M${x} ${y} C${x + bend} ${y} ${to.x - bend} ${to.y + BOX / 2} ${to.x} ${to.y + BOX / 2}`
    return shape("path", { d }, way.has(i) ? "wire on" : "wire")
  }

  function box(i, way, colours) {
    const { x, y, w } = boxes[i], group = shape("g", { transform: `translate(${x},${y})`, role: "treeitem", tabindex: -1 }, "node")
    const rgb = colours[Math.round(255 * clamp(data.chances[i], 0, 1))], ink = i ? inkOn(rgb) : ""
    const frame = group.appendChild(shape("rect", { width: w, height: BOX, rx: 6 }))
    if (i) frame.style.fill = `rgb(${rgb})`
    const word = group.appendChild(shape("text", { x: w / 2, y: i ? 16 : 24, ...(ink ? { fill: ink } : {}) }, "word"))
    word.textContent = nameOf(i)
    if (i) group.appendChild(shape("text", { x: w / 2, y: 31, fill: ink }, "chance")).textContent = percent(data.chances[i])
    group.classList.toggle("on", way.has(i))
    group.classList.toggle("here", i === data.current)
    group.setAttribute("aria-label", told(i))
    group.setAttribute("aria-level", data.depths[i] + 1)
    group.setAttribute("aria-selected", String(i === data.current))
    group.dataset.i = i
    return group
  }

  function build() {
    const way = lit(), colours = ramp(root), held = groups.includes(root.getRootNode().activeElement)
    boxes = places()
    const width = Math.max(...boxes.map((one) => one.x + one.w)) + 6, height = Math.max(...boxes.map((one) => one.y)) + BOX + 6
    scale = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16 // larger in front of a class
    const picture = shape("svg", { width: width * scale, height: height * scale, viewBox: `0 0 ${width} ${height}`, role: "tree" })
    picture.setAttribute("aria-label", `${data.label}. Arrow keys move, Enter goes there.`)
    const order = data.texts.map((_, i) => i)
    const wires = order.slice(1).sort((a, b) => way.has(a) - way.has(b)).map((i) => wire(i, way))
    groups = order.map((i) => box(i, way, colours))
    picture.append(...wires, ...groups)
    home.replaceChildren(picture)
    focus(data.current)
    reveal(data.current)
    if (held) groups[stop]?.focus({ preventScroll: true })
  }

  function reveal(i) {
    const [x, y, w, h] = [boxes[i].x, boxes[i].y, boxes[i].w, BOX].map((size) => size * scale)
    if (x < home.scrollLeft || x + w > home.scrollLeft + home.clientWidth - 8) home.scrollLeft = x + w - home.clientWidth + 24
    if (y < home.scrollTop || y + h > home.scrollTop + home.clientHeight - 6) home.scrollTop = y - home.clientHeight / 2
  }

  function focus(i) {
    groups[stop]?.setAttribute("tabindex", -1)
    stop = clamp(i, 0, groups.length - 1)
    groups[stop]?.setAttribute("tabindex", 0)
    return groups[stop]
  }

  /** The nearest node above or below, of this depth if there is one. */
  function beside(step) {
    const rows = data.rows, far = (i) => [Math.abs(rows[i] - rows[stop]), Math.abs(data.depths[i] - data.depths[stop])]
    const there = data.texts.map((_, i) => i).filter((i) => (rows[i] - rows[stop]) * step > 0)
    return there.sort((a, b) => far(a)[0] - far(b)[0] || far(a)[1] - far(b)[1])[0] ?? stop
  }

  function onward() {
    const children = data.parents.flatMap((parent, i) => (parent === stop ? [i] : [])), way = lit()
    return children.find((i) => way.has(i)) ?? children[0] ?? stop
  }

  function hint(i) {
    const found = groups[i]
    tip.classList.toggle("on", Boolean(found))
    if (!found) return
    tip.textContent = `${told(i)}. ${i === data.current ? "You are here." : "Click: go back here."}`
    const at = found.getBoundingClientRect(), all = root.getBoundingClientRect(), mine = tip.getBoundingClientRect()
    tip.style.transform = `translate(${clamp(at.left - all.left, 0, Math.max(0, all.width - mine.width))}px, ${at.bottom - all.top + 4}px)`
  }

  const indexOf = (event) => Number(event.target.closest?.(".node")?.dataset.i ?? -1)
  home.onclick = (event) => indexOf(event) >= 0 && view.pick(indexOf(event))
  home.onpointerover = (event) => event.pointerType !== "touch" && hint(indexOf(event))
  home.onpointerleave = () => hint(-1)
  home.onkeydown = (event) => {
    const moves = { ArrowLeft: () => Math.max(0, data.parents[stop]), ArrowRight: onward, ArrowUp: () => beside(-1), ArrowDown: () => beside(1) }
    if (event.key === "Escape") return hint(-1)
    if (event.key === "Enter" || event.key === " ") view.pick(stop)
    else if (moves[event.key]) focus(moves[event.key]())?.focus()
    else return
    event.preventDefault()
  }
  home.addEventListener("focusin", (event) => {
    focus(indexOf(event))
    reveal(stop)
    if (event.target.matches(":focus-visible")) hint(stop)
  })
  home.addEventListener("focusout", () => hint(-1))

  const view = {
    update(next) {
      data = next
      const now = JSON.stringify([data, root.dataset.theme])
      if (now !== drawn) build()
      drawn = now
    },
  }
  return view
})
