// A window over a text: its tokens as a strip, and below it the inputs over the targets, an arrow for each
// training example. Hover or arrow keys choose an example, without a message; a click into the strip a window.
export default (component) => mount(component, (root) => {
  const [strip, rows, readout] = ["strip", "pair", "readout"].map((name) => root.querySelector(`.${name}`))
  const svg = (tag, className) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag)
    node.setAttribute("class", className)
    return node
  }
  let data, example = 2, arrows = []

  const name = (i, n) => short(tokenName(data, i), n)
  const first = () => data.start, size = () => data.length
  const chosen = () => clamp(example, 0, Math.max(0, size() - 1))

  function kinds(i) {
    const inside = data.start !== null && i >= first() && i < first() + size()
    const asked = data.start !== null && i > first() && i <= first() + size()
    return `${inside ? " given" : ""}${asked ? " asked" : ""}${i >= data.cut ? " later" : ""}`
  }

  function drawStrip() {
    const page = document.createDocumentFragment()
    data.texts.forEach((_, i) => {
      if (i === data.cut) page.append(make("span", "cut", "validation"))
      const chip = make("bdi", `piece${kinds(i)}`, name(i, 40))
      chip.dataset.i = i
      chip.title = `token ${i}, id ${data.ids[i]}`
      page.append(chip)
    })
    strip.replaceChildren(page)
  }

  function cell(kind, i, t) {
    const node = make("bdi", `piece ${kind}${data.start >= data.cut ? " later" : ""}`, name(i, 14))
    node.dataset.t = t
    node.title = tokenName(data, i)
    return node
  }

  /** Inputs in row 1 and targets in row 3; in the order of the text a target stands one column further right. */
  function drawPair() {
    const shift = data.byPlace ? 1 : 0
    const grid = make("div", "grid"), place = (node, row, column) => {
      node.style.gridArea = `${row} / ${column + 2}`
      grid.append(node)
    }
    grid.style.gridTemplateColumns = `var(--labels) repeat(${size() + shift}, minmax(var(--least), 8.5rem))`
    ;["inputs", "", "targets", data.chances ? "the model's chance" : ""].forEach((label, row) => {
      const node = make("span", "label", label)
      node.style.gridArea = `${row + 1} / 1`
      grid.append(node)
    })
    arrows = []
    for (let t = 0; t < size(); t++) {
      place(cell("given", first() + t, t), 1, t)
      place(cell("asked", first() + t + 1, t), 3, t + shift)
      if (data.chances) {
        const chance = make("span", "chance", data.chances[t])
        chance.dataset.t = t
        place(chance, 4, t + shift)
      }
      arrows.push(svg("path", "arrow"))
    }
    const wires = svg("svg", "wires")
    wires.append(...arrows)
    grid.append(wires)
    rows.replaceChildren(grid)
    drawArrows()
  }

  function drawArrows() {
    const of = (kind, t) => rows.querySelector(`.${kind}[data-t="${t}"]`)
    arrows.forEach((arrow, t) => {
      const from = of("given", t), to = of("asked", t)
      const x = from.offsetLeft + from.offsetWidth / 2, y = from.offsetTop + from.offsetHeight + 2
      const u = to.offsetLeft + to.offsetWidth / 2, v = to.offsetTop - 3
      const length = Math.hypot(u - x, v - y) || 1, dx = (u - x) / length, dy = (v - y) / length
      const head = (side) => `${u - 8 * dx + side * 4 * dy},${v - 8 * dy - side * 4 * dx}`
      arrow.setAttribute("d", `M${x},${y} L${u},${v} M${head(1)} L${u},${v} L${head(-1)}`)
    })
  }

  function light() {
    const at = chosen()
    rows.querySelectorAll("[data-t]").forEach((node) => {
      const t = Number(node.dataset.t), given = node.classList.contains("given")
      node.classList.toggle("on", given ? t <= at : t === at)
    })
    arrows.forEach((arrow, t) => arrow.classList.toggle("on", t === at))
    strip.querySelectorAll(".on").forEach((node) => node.classList.remove("on"))
    strip.querySelector(`[data-i="${first() + at + 1}"]`)?.classList.add("on")
    const words = Array.from({ length: at + 1 }, (_, t) => make("bdi", "piece given on", name(first() + t, 14)))
    const target = make("bdi", `piece asked on${data.start >= data.cut ? " later" : ""}`, name(first() + at + 1, 14))
    const line = make("div", "line")
    line.append(make("span", "said", `Example ${at + 1} of ${size()}: given`), ...words, make("span", "said", "foretell"), target)
    if (data.chances) line.append(make("span", "said", `(the model gives it ${data.chances[at]})`))
    readout.replaceChildren(line)
  }

  function at(t) {
    if (data.start === null || t === example) return
    example = t
    light()
  }

  const number = (event, key) => event.target.closest?.(`[data-${key}]`)?.dataset[key]
  rows.onpointerover = rows.onclick = (event) => number(event, "t") !== undefined && at(Number(number(event, "t")))
  rows.onkeydown = (event) => {
    const to = { ArrowRight: chosen() + 1, ArrowLeft: chosen() - 1, Home: 0, End: size() - 1 }[event.key]
    if (to === undefined) return
    at(clamp(to, 0, size() - 1))
    event.preventDefault()
  }
  strip.onclick = (event) => number(event, "i") !== undefined && view.pick(Number(number(event, "i")))

  const view = {
    draw: () => data?.start != null && drawArrows(),
    update(next) {
      data = next
      strip.setAttribute("aria-label", data.label)
      drawStrip()
      rows.hidden = readout.hidden = data.start === null
      if (data.start === null) return
      rows.setAttribute("aria-label", `One window, ${size()} examples`)
      drawPair()
      light()
      const window = strip.querySelector(".given")
      if (strip.scrollHeight > strip.clientHeight && window) strip.scrollTop = window.offsetTop - 40
    },
  }
  return view
})
