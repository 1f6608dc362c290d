// A strip of text as tokens, the most frequent pair of neighbours lit in it, and the pairs that come next as
// bars. Hover or focus on a bar lights that pair's places instead; all without a message. Below, what the whole
// text costs after each merge; a click goes there.
export default (component) => mount(component, (root) => {
  const [strip, bars, curve] = ["strip", "bars", "curve"].map((name) => root.querySelector(`.${name}`))
  let data, chips = [], shown = 0, drawn = ""

  const word = (i) => tokenName(data.words, i)
  const pairName = (i) => `${word(data.pairs[i][0])} + ${word(data.pairs[i][1])}`

  function build() {
    const page = document.createDocumentFragment(), made = new Set(data.made)
    chips = data.texts.map((_, i) => make("bdi", `piece${made.has(i) ? " made" : ""}`, tokenName(data, i)))
    chips.forEach((chip, i) => {
      chip.title = `id ${data.ids[i]}`
      page.append(chip)
      if (data.texts[i].includes("\n")) page.append(make("br"))
    })
    strip.replaceChildren(page)
    const most = data.counts[0] || 1
    bars.replaceChildren(...data.pairs.map((_, i) => {
      const row = make("button", `bar${i ? "" : " first"}`)
      row.type = "button"
      row.dataset.i = i
      const fill = make("span", "fill")
      fill.style.width = `${(100 * data.counts[i]) / most}%`
      const track = make("span", "track")
      track.append(fill)
      row.append(make("bdi", "pair", pairName(i)), track, make("span", "count", data.counts[i].toLocaleString("en")))
      row.setAttribute("aria-label", `${pairName(i)}: ${data.counts[i]} times in the text, ${data.places[i].length} in this part`)
      return row
    }))
  }

  function light(i) {
    shown = i
    const lit = new Set((data.places[i] ?? []).flatMap((place) => [place, place + 1]))
    const first = new Set(data.places[i] ?? [])
    chips.forEach((chip, j) => {
      chip.classList.toggle("lit", lit.has(j))
      chip.classList.toggle("left", first.has(j))
      chip.classList.toggle("other", i > 0 && lit.has(j))
    })
    ;[...bars.children].forEach((row, j) => row.classList.toggle("on", j === i))
  }

  const svg = (tag, attributes, text) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag)
    Object.entries(attributes).forEach(([name, value]) => node.setAttribute(name, value))
    if (text !== undefined) node.textContent = text
    return node
  }
  const LEFT = 46, BOTTOM = 40, TOP = 10, HEIGHT = 190
  const right = () => Math.max(LEFT + 10, curve.clientWidth - 12)
  const last = () => Math.max(1, data.curve.length - 1)
  const xOf = (step) => LEFT + (step / last()) * (right() - LEFT)
  const yOf = (tokens) => TOP + (1 - tokens / data.curve[0]) * (HEIGHT - BOTTOM - TOP)

  let traced = "" // the curve that is drawn: while it stays, only its point moves
  function drawCurve() {
    if (!data || !curve.clientWidth || !data.curve[0]) return
    const same = JSON.stringify([data.curve, curve.clientWidth]), point = curve.querySelector(".now")
    if (point && same === traced) {
      point.setAttribute("cx", xOf(data.step))
      point.setAttribute("cy", yOf(data.curve[data.step]))
      curve.querySelector("svg").setAttribute("aria-label", data.told)
      return curve.querySelector(".told").replaceChildren(data.told)
    }
    traced = same
    const picture = svg("svg", { width: curve.clientWidth, height: HEIGHT, role: "img", "aria-label": data.told })
    const round = (n) => (n >= 1e6 ? `${+(n / 1e6).toFixed(1)}M` : n >= 1000 ? `${+(n / 1000).toFixed(n < 1e4 ? 1 : 0)}k` : Math.round(n))
    for (const share of [0, 0.5, 1]) {
      const y = yOf(share * data.curve[0])
      picture.append(svg("line", { class: "grid", x1: LEFT, x2: right(), y1: y, y2: y }))
      picture.append(svg("text", { class: "tick", x: LEFT - 6, y: y + 4, "text-anchor": "end" }, round(share * data.curve[0])))
    }
    for (const share of [0, 0.25, 0.5, 0.75, 1]) {
      const step = Math.round(share * last())
      picture.append(svg("text", { class: "tick", x: xOf(step), y: HEIGHT - BOTTOM + 16, "text-anchor": "middle" }, step))
    }
    picture.append(svg("text", { class: "name", x: (LEFT + right()) / 2, y: HEIGHT - 5, "text-anchor": "middle" }, "merges learned"))
    picture.append(svg("polyline", { class: "line", points: data.curve.map((n, i) => `${xOf(i).toFixed(1)},${yOf(n).toFixed(1)}`).join(" ") }))
    picture.append(svg("circle", { class: "now", cx: xOf(data.step), cy: yOf(data.curve[data.step]), r: 7 }))
    curve.replaceChildren(make("div", "heading", "tokens that the whole text needs"), picture, make("div", "told", data.told))
  }

  function stepAt(event) {
    const x = event.clientX - curve.getBoundingClientRect().left
    return clamp(Math.round(((x - LEFT) / (right() - LEFT)) * last()), 0, last())
  }
  curve.onpointermove = (event) => {
    const told = curve.querySelector(".told"), step = stepAt(event)
    if (told) told.textContent = `after ${step} merges: ${data.curve[step].toLocaleString("en")} tokens`
  }
  curve.onpointerleave = () => curve.querySelector(".told")?.replaceChildren(data.told)
  curve.onclick = (event) => event.target.closest?.("svg") && view.pick(stepAt(event))

  const at = (event) => event.target.closest?.(".bar")?.dataset.i
  bars.onpointerover = bars.onclick = (event) => at(event) !== undefined && light(Number(at(event)))
  bars.onpointerleave = () => light(0)
  bars.addEventListener("focusin", (event) => at(event) !== undefined && light(Number(at(event))))
  bars.addEventListener("focusout", () => light(0))

  const view = {
    draw: drawCurve,
    update(next) {
      data = next
      strip.setAttribute("aria-label", data.label)
      const now = JSON.stringify(data)
      if (now !== drawn) build()
      if (now !== drawn) drawCurve()
      drawn = now
      light(0)
      const first = chips[data.places[0]?.[0]]
      if (first) strip.scrollTop = first.offsetTop < strip.clientHeight - 30 ? 0 : first.offsetTop - 60
    },
  }
  return view
})
