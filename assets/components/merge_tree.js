// The merge tree of a word: bytes at the bottom, finished tokens on top, each node the merge that glued it.
// Hover, touch or the arrow keys light a node and all that it is made of; a click goes to its merge.
export default (component) => mount(component, (root) => {
  const [stage, readout] = ["tree", "readout"].map((name) => root.querySelector(`.${name}`))
  const LEVEL = 62, LEAF = 30, BOX = 42, PAD = 6
  let data, groups = [], stop = 0, drawn = ""

  const svg = (tag, attributes, text) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag)
    Object.entries(attributes).forEach(([name, value]) => node.setAttribute(name, value))
    if (text !== undefined) node.textContent = text
    return node
  }
  const name = (i) => tokenName(data, i)
  const parent = (i) => data.parts.findIndex((parts) => parts.includes(i))
  const below = (i) => [i, ...data.parts[i].flatMap(below)]
  const rootOf = (i) => (parent(i) < 0 ? i : rootOf(parent(i)))

  function sentence(i) {
    if (!data.parts[i].length) return `${quoted(data, i)}: one byte`
    const [a, b] = data.parts[i].map((part) => quoted(data, part))
    return `${quoted(data, i)}: merge ${data.numbers[i].toLocaleString("en")} glues ${a} and ${b}`
  }

  function layout() {
    const leaves = data.places.length ? Math.max(...data.places) + 1 : 0
    const column = clamp(stage.clientWidth / Math.max(1, leaves), 38, 84)
    const top = Math.max(0, ...data.levels)
    const height = top * LEVEL + BOX + 2 * PAD
    const x = (i) => (data.places[i] + 0.5) * column
    const y = (i) => height - PAD - (data.levels[i] ? data.levels[i] * LEVEL + BOX / 2 : LEAF / 2)
    return { column, height, x, y, width: leaves * column }
  }

  function box(i, at) {
    const leaf = !data.parts[i].length
    const span = below(i).filter((j) => !data.parts[j].length).length
    const letters = Math.max(2, Math.floor((span * at.column - 14) / 9.4))
    const text = short(name(i), letters), number = leaf ? "" : `#${data.numbers[i].toLocaleString("en")}`
    const w = clamp(Math.max(9.4 * [...text].length, 7.6 * number.length) + 14, 30, span * at.column - 2)
    const h = leaf ? LEAF : BOX
    const whole = parent(i) < 0
    const kind = `node${leaf ? " leaf" : ""}${whole ? ` whole c${rootOf(i) % 6}` : ""}${data.numbers[i] === data.now && !leaf ? " now" : ""}`
    const group = svg("g", { class: kind, role: "treeitem", tabindex: -1, "data-i": i, transform: `translate(${at.x(i)},${at.y(i)})` })
    group.setAttribute("aria-label", sentence(i))
    group.append(svg("rect", { x: -w / 2, y: -h / 2, width: w, height: h, rx: 6 }))
    group.append(svg("text", { class: "token", y: leaf ? 5 : -2 }, text))
    if (!leaf) group.append(svg("text", { class: "number", y: 14 }, number))
    return group
  }

  function edge(i, part, at) {
    const x = at.x(i), y = at.y(i) + BOX / 2
    const u = at.x(part), v = at.y(part) - (data.parts[part].length ? BOX : LEAF) / 2
    const middle = (y + v) / 2
    return svg("path", { class: "edge", "data-to": part, d: `M${x},${y} C${x},${middle} ${u},${middle} ${u},${v}` })
  }

  function draw() {
    if (!data) return
    const at = layout()
    const picture = svg("svg", { width: Math.max(1, at.width), height: at.height, role: "tree" })
    picture.setAttribute("aria-label", data.label)
    data.parts.forEach((parts, i) => parts.forEach((part) => picture.append(edge(i, part, at))))
    groups = data.parts.map((_, i) => box(i, at))
    picture.append(...groups)
    stage.replaceChildren(picture)
    stop = Math.max(0, groups.findIndex((_, i) => parent(i) < 0))
    if (groups[stop]) groups[stop].setAttribute("tabindex", 0)
    light(null)
  }

  function light(i) {
    const lit = new Set(i === null ? [] : below(i))
    root.classList.toggle("some", i !== null)
    groups.forEach((group, j) => group.classList.toggle("on", lit.has(j)))
    stage.querySelectorAll(".edge").forEach((path) => path.classList.toggle("on", lit.has(Number(path.dataset.to)) && Number(path.dataset.to) !== i))
    readout.textContent = i === null ? data.label : sentence(i)
  }

  function stopAt(i) {
    groups[stop]?.setAttribute("tabindex", -1)
    stop = i
    groups[i].setAttribute("tabindex", 0)
    light(i)
  }

  const go = (i) => groups[i]?.focus()

  function beside(i, step) {
    const row = data.levels.map((_, j) => j).filter((j) => parent(j) < 0 ? parent(i) < 0 : parent(i) >= 0)
    const order = (parent(i) < 0 ? row : data.levels.map((_, j) => j).filter((j) => data.levels[j] === data.levels[i]))
    order.sort((a, b) => data.places[a] - data.places[b])
    return order[order.indexOf(i) + step]
  }

  const nodeAt = (event) => event.target.closest?.(".node")
  const index = (node) => Number(node.dataset.i)
  function choose(i) {
    if (data.goes && data.parts[i].length) view.pick(data.numbers[i])
  }
  stage.onpointerover = (event) => light(nodeAt(event) ? index(nodeAt(event)) : null)
  stage.onpointerleave = () => light(null)
  stage.onclick = (event) => nodeAt(event) && choose(index(nodeAt(event)))
  stage.addEventListener("focusin", (event) => nodeAt(event) && stopAt(index(nodeAt(event))))
  stage.addEventListener("focusout", () => light(null))
  stage.onkeydown = (event) => {
    const to = { ArrowUp: () => parent(stop), ArrowDown: () => data.parts[stop][0], ArrowLeft: () => beside(stop, -1),
      ArrowRight: () => beside(stop, 1) }[event.key]
    if (to) go(to())
    else if (event.key === "Enter" || event.key === " ") choose(stop)
    else return
    event.preventDefault()
  }

  const view = {
    draw,
    update(next) {
      data = next
      root.classList.toggle("goes", data.goes)
      const now = JSON.stringify(data)
      if (now !== drawn) draw()
      drawn = now
    },
  }
  return view
})
