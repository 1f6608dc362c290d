// The emblem: Home's block diagram in 40 pixels of height. "You are here" is the filled part.
const NS = "http://www.w3.org/2000/svg"
const W = 24, H = 10, TOP = 3, MIDDLE = 15, BOTTOM = 27
const AT = {
  text: [2, MIDDLE], tokens: [32, MIDDLE], embeddings: [62, MIDDLE], logits: [156, MIDDLE], next: [186, MIDDLE],
  windows: [32, TOP], attention: [96, TOP], feedforward: [124, TOP], norm: [96, BOTTOM], stream: [124, BOTTOM],
  anatomy: [2, BOTTOM], training: [186, BOTTOM],
}

export default (component) => mount(component, (root) => {
  const svg = root.querySelector("svg")
  let data, at = 0

  function draw(parent, kind, attributes) {
    const node = parent.appendChild(document.createElementNS(NS, kind))
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value)
    return node
  }

  /** Frame the place that the keyboard has come to, and say its name. */
  function visit(i) {
    at = (i + data.places.length) % data.places.length
    const [x, y] = AT[data.places[at].name]
    for (const [name, value] of Object.entries({ x: x - 2, y: y - 2 })) svg.querySelector(".visit").setAttribute(name, value)
    svg.setAttribute("aria-label", `${data.label} ${data.places[at].title}: press Enter to open`)
  }

  svg.onkeydown = (event) => {
    const move = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key]
    if (event.key === "Enter") view.pick(data.places[at].name)
    else if (move) visit(at + move)
    else return
    event.preventDefault()
  }

  const view = {
    update(next) {
      data = next
      svg.replaceChildren()
      draw(svg, "path", { class: "wire", d: `M26,20H32M56,20H62M86,20H156M180,20H186M44,${MIDDLE}V13M198,25V27M186,32H152` })
      draw(svg, "rect", { class: `block${data.block ? " on" : ""}`, x: 92, y: 0.5, width: 60, height: 39, rx: 4 })
      draw(svg, "path", { class: "wire", d: "M86,20H156M108,13V27M136,13V27" })
      data.places.forEach((place) => {
        const [x, y] = AT[place.name]
        const box = draw(svg, "rect", { class: `place${place.on ? " on" : ""}`, x, y, width: W, height: H, rx: 2.5 })
        draw(box, "title", {}).textContent = place.title
        box.onclick = () => view.pick(place.name)
      })
      draw(svg, "rect", { class: "visit", x: 0, y: 0, width: W + 4, height: H + 4, rx: 4 })
      visit(Math.max(0, data.places.findIndex((place) => place.on)))
      svg.setAttribute("aria-label", data.label)
    },
  }
  return view
})
