// Text coloured by surprise: the deeper a token's colour, the more nats it cost the model.
export default (component) => mount(component, (root) => {
  const list = root.querySelector(".rows")
  const tip = root.querySelector(".tip")
  const bar = root.querySelector(".bar")
  let data, words = [], drawn = "", at = -1

  function colours() {
    const scale = ramp(root) // entered by w ** GAMMA: undo it, nats are read off evenly
    return (share) => scale[Math.round(clamp(share, 0, 1) ** (1 / GAMMA) * 255)]
  }

  function inkOn([r, g, b]) {
    const light = [r, g, b].map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4))
    return 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2] > 0.18 ? "#000" : "#fff"
  }

  function build() {
    const paint = colours()
    words = []
    const page = document.createDocumentFragment()
    data.rows.forEach((row) => {
      const line = make("div", "row")
      row.texts.forEach((text, i) => {
        const word = make("bdi", `word${row.hexes[i] ? " part" : ""}`, tokenName(row, i))
        const nats = row.nats[i]
        if (nats === null) word.classList.add("given")
        else {
          const rgb = paint(nats / data.most)
          word.style.background = `rgb(${rgb})`
          word.style.color = inkOn(rgb)
        }
        word.dataset.i = words.length
        words.push({ word, row, i, nats })
        word.classList.toggle("marked", i === row.marked)
        line.append(word)
        if (text.includes("\n")) line.append(make("br"))
      })
      page.append(line)
    })
    list.replaceChildren(page)
    const steps = Array.from({ length: 11 }, (_, i) => `rgb(${paint(i / 10)})`)
    bar.style.background = `linear-gradient(to right, ${steps})`
    root.querySelector(".high").textContent = `${data.most.toFixed(1)} ${data.rows[0]?.unit ?? "nats"}: ${data.mostName}`
    hint(-1)
  }

  function chance(value, unit) {
    const share = 100 * (unit === "bits" ? 2 ** -value : Math.exp(-value))
    return share >= 10 ? `${share.toFixed(0)}%` : share >= 0.1 ? `${share.toFixed(1)}%` : "under 0.1%"
  }

  function hint(i) {
    words[at]?.word.classList.remove("over")
    at = i
    const found = words[i]
    tip.classList.toggle("on", Boolean(found))
    if (!found) return
    found.word.classList.add("over")
    const lines = found.nats === null
      ? ["given, or no number"]
      : [`${found.nats.toFixed(2)} ${found.row.unit ?? "nats"}`, `the model had given it ${chance(found.nats, found.row.unit)}`]
    tip.replaceChildren(make("div", "mono", quoted(found.row, found.i)), ...lines.map((line) => make("div", "", line)))
    const box = found.word.getBoundingClientRect(), home = root.getBoundingClientRect(), mine = tip.getBoundingClientRect()
    const x = clamp(box.left - home.left, 0, Math.max(0, home.width - mine.width))
    tip.style.transform = `translate(${x}px, ${box.bottom - home.top + 6}px)`
  }

  const indexOf = (event) => Number(event.target.closest?.(".word")?.dataset.i ?? -1)
  list.onpointerover = (event) => hint(indexOf(event))
  list.onpointerleave = () => hint(-1)
  list.onblur = () => hint(-1)
  list.onkeydown = (event) => {
    const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (event.key === "Escape") return hint(-1)
    if (!move) return
    hint(clamp(at + move, 0, words.length - 1))
    event.preventDefault()
  }

  return {
    update(next) {
      data = next
      list.setAttribute("aria-label", data.label)
      const now = JSON.stringify([data.rows, data.most, root.dataset.theme])
      if (now !== drawn) build()
      drawn = now
    },
  }
})
