// A list of runs, each row a button: what it is, how it stands, its curve, its losses.
const SVG = "http://www.w3.org/2000/svg"
const day = new Intl.DateTimeFormat("en", { day: "numeric", month: "short" })
const clock = new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" })

/** When it was started, on the clock of the one who looks. */
function when(seconds) {
  const date = new Date(seconds * 1000)
  return date.toDateString() === new Date().toDateString() ? clock.format(date) : day.format(date)
}

/** The validation loss as a small line; 0 is the bottom, 100 the loss that it began with. */
function spark(values) {
  const svg = document.createElementNS(SVG, "svg"), line = document.createElementNS(SVG, "polyline")
  svg.setAttribute("viewBox", "0 0 100 32")
  svg.setAttribute("preserveAspectRatio", "none")
  svg.setAttribute("class", "spark")
  svg.setAttribute("aria-hidden", "true")
  const step = 96 / Math.max(1, values.length - 1)
  line.setAttribute("points", values.map((y, i) => `${2 + i * step},${30 - 0.28 * y}`).join(" "))
  svg.append(line)
  return svg
}

function part(name, ...children) {
  const node = make("span", name)
  node.append(...children)
  return node
}

export default (component) => mount(component, (root) => {
  const list = root.querySelector(".runs")

  function bar(row) {
    const node = make("span", `bar ${row.kind}`)
    node.appendChild(make("i")).style.width = `${clamp(row.progress, 0, 100)}%`
    return node
  }

  function entry(row, chosen) {
    const button = make("button", "row")
    const sign = make("span", "sign", row.sign)
    sign.style.color = row.colour
    const badges = row.badges.map((badge) => make("span", "badge", badge))
    button.append(
      sign,
      part("what", part("first", make("bdi", "name", row.name), ...badges), make("bdi", "said", row.said)),
      part("state", make("span", "words", row.state), bar(row)),
      spark(row.spark),
      part("losses", make("b", "mono", row.validation), make("span", "small", row.train)),
      make("span", "when", when(row.created)),
    )
    button.type = "button"
    button.dataset.id = row.id
    if (row.id === chosen) button.setAttribute("aria-current", "true")
    button.onclick = () => view.pick(row.id)
    const item = make("li")
    item.append(button)
    return item
  }

  const view = {
    update(data) {
      const focused = root.getRootNode().activeElement?.dataset?.id
      const place = list.scrollTop
      list.setAttribute("aria-label", data.label)
      list.replaceChildren(...data.rows.map((row) => entry(row, data.chosen)))
      list.scrollTop = place
      if (focused) [...list.querySelectorAll(".row")].find((row) => row.dataset.id === focused)?.focus()
    },
  }
  return view
})
