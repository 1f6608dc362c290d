// A strip of text as tokens, the most frequent pair of neighbours lit in it, and the pairs that come next as
// bars. Hover or focus on a bar lights that pair's places instead; all without a message.
export default (component) => mount(component, (root) => {
  const [strip, bars] = ["strip", "bars"].map((name) => root.querySelector(`.${name}`))
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

  const at = (event) => event.target.closest?.(".bar")?.dataset.i
  bars.onpointerover = bars.onclick = (event) => at(event) !== undefined && light(Number(at(event)))
  bars.onpointerleave = () => light(0)
  bars.addEventListener("focusin", (event) => at(event) !== undefined && light(Number(at(event))))
  bars.addEventListener("focusout", () => light(0))

  const view = {
    update(next) {
      data = next
      strip.setAttribute("aria-label", data.label)
      const now = JSON.stringify(data)
      if (now !== drawn) build()
      drawn = now
      light(0)
    },
  }
  return view
})
