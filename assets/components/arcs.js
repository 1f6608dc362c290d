// From one query token to every key: a line as wide as the weight is large.
const SVG = "http://www.w3.org/2000/svg"

export default (component) => mount(component, (root) => {
  const links = root.querySelector(".links"), readout = root.querySelector(".readout")
  let data, rows = [], paths = [], picked = null, drawn = ""

  function build() {
    links.replaceChildren()
    paths = []
    rows = data.texts.map((_, i) => {
      const row = links.appendChild(make("div", "row"))
      const from = row.appendChild(make("bdi", "from", tokenName(data, i)))
      const to = row.appendChild(make("div", "to"))
      const name = to.appendChild(make("bdi", "", tokenName(data, i)))
      const meter = to.appendChild(make("div", "meter")).appendChild(make("i"))
      const number = to.appendChild(make("span", "number"))
      from.dir = name.dir = "auto"
      from.setAttribute("role", "option")
      from.dataset.i = to.dataset.i = i
      return { from, to, meter, number }
    })
    links.setAttribute("role", "listbox")
  }

  function draw() {
    if (!data?.texts.length) return
    const height = clamp(560 / data.texts.length, 16, 30)
    links.style.setProperty("--row", `${height}px`)
    links.style.setProperty("--letters", `${Math.min(15, height - 3)}px`)
    links.querySelector("svg")?.remove()
    const width = links.clientWidth, svg = document.createElementNS(SVG, "svg")
    svg.setAttribute("class", "lines")
    svg.setAttribute("aria-hidden", "true")
    svg.setAttribute("width", width)
    svg.setAttribute("height", height * data.texts.length)
    paths = data.weights.map((weight, i) => path(svg, width, height, weight, i))
    links.prepend(svg)
  }

  function path(svg, width, height, weight, i) {
    const x1 = width * 0.28 + 2, x2 = width * 0.46 - 2, bend = (x1 + x2) / 2
    const y1 = (picked + 0.5) * height, y2 = (i + 0.5) * height
    const node = document.createElementNS(SVG, "path")
    if (picked === null || weight <= 0) return node
    node.setAttribute("d", `M${x1},${y1} C${bend},${y1} ${bend},${y2} ${x2},${y2}`)
    node.setAttribute("stroke-width", (0.75 + 9 * weight).toFixed(2))
    node.setAttribute("stroke-opacity", (0.15 + 0.85 * Math.sqrt(weight)).toFixed(2))
    return svg.appendChild(node)
  }

  function fill() {
    rows.forEach(({ from, to, meter, number }, i) => {
      const weight = data.weights[i], future = weight === undefined
      if (i === picked) from.setAttribute("aria-selected", "true")
      else from.removeAttribute("aria-selected")
      from.tabIndex = i === (picked ?? 0) ? 0 : -1
      to.classList.toggle("future", future)
      meter.style.width = `${100 * (weight ?? 0)}%`
      number.textContent = future ? "–" : weight.toFixed(3)
    })
  }

  function light(i) {
    rows.forEach(({ to }, n) => to.classList.toggle("lit", n === i))
    paths.forEach((node, n) => node.setAttribute("class", n === i ? "lit" : ""))
    if (picked === null || !data.weights.length) return void (readout.textContent = "Click a token to see where it looks.")
    const at = i ?? data.weights.indexOf(Math.max(...data.weights)), weight = data.weights[at]
    const name = (className, n) => make("bdi", `mono ${className}`, short(tokenName(data, n), 24))
    const how = weight === undefined ? " does not see " : i === null ? " looks mostly at " : " looks at "
    const end = weight === undefined ? ": it comes later" : `: ${weight.toFixed(3)}`
    readout.replaceChildren(name("query", picked), how, name("key", at), end)
  }

  function choose(i) {
    picked = i
    rows.forEach(({ from }, n) => from[n === i ? "setAttribute" : "removeAttribute"]("aria-selected", "true"))
    view.pick(i)
  }

  const indexAt = (event) => Number(event.target.closest?.("[data-i]")?.dataset.i ?? -1)
  links.onpointerover = (event) => light(event.target.closest(".to") ? indexAt(event) : null)
  links.onpointerleave = () => light(null)
  links.onclick = (event) => indexAt(event) >= 0 && choose(indexAt(event))
  links.onkeydown = (event) => {
    const at = rows.findIndex(({ from }) => from === event.target)
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key]
    if (at < 0) return
    if (event.key === "Enter" || event.key === " ") choose(at)
    else if (rows[next]) {
      rows[at].from.tabIndex = -1
      rows[next].from.tabIndex = 0
      rows[next].from.focus()
    } else return
    event.preventDefault()
  }

  const view = {
    draw,
    update(next) {
      data = next
      picked = data.picked
      links.setAttribute("aria-label", data.label)
      const now = JSON.stringify([data.texts, data.hexes])
      if (now !== drawn) build()
      drawn = now
      fill()
      draw()
      light(null)
      if (picked !== null && links.scrollHeight > links.clientHeight)
        links.scrollTop = rows[picked].from.offsetTop - links.clientHeight / 2
    },
  }
  return view
})
