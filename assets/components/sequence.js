// Rows of a batch: each token that is read, and beneath it the token that must be said next, or -100: no loss.
export default (component) => mount(component, (root) => {
  const ROLES = ["prompt", "answer", "end", "filling"], END = 2
  const MEANS = { prompt: "of the prompt", answer: "of the answer", end: "the end of the answer", filling: "fills the row up" }
  const list = root.querySelector(".rows"), tip = root.querySelector(".tip"), legend = root.querySelector(".legend")
  let data, pairs = [], drawn = "", at = -1

  const role = (row, i) => Number(row.roles[i])
  const name = (row, i) => (role(row, i) < END ? short(tokenName(row, i), 24) : "end")
  const chip = (row, i) => make("bdi", `token ${ROLES[role(row, i)]}${row.hexes[i] ? " part" : ""}`, name(row, i))

  function pair(row, i) {
    const box = make("span", "pair")
    const learned = row.learned[i] === "1"
    box.append(chip(row, i), learned ? chip(row, i + 1) : make("bdi", "token none", "-100"))
    box.dataset.i = pairs.length
    pairs.push({ box, row, i, learned })
    return box
  }

  function build() {
    pairs = []
    const page = document.createDocumentFragment()
    data.rows.forEach((row) => {
      const line = make("div", "row"), heads = make("span", "pair heads")
      heads.append(make("span", "", "reads"), make("span", "", "says next"))
      line.append(heads, ...[...row.learned].map((_, i) => pair(row, i)))
      page.append(line)
    })
    list.replaceChildren(page)
    legend.replaceChildren(...data.counts.map(([kind, all, counted]) => {
      const part = make("span", "kind")
      part.append(make("span", `token ${kind}`, kind), `${counted} of ${all} ${all === 1 ? "counts" : "count"}`)
      return part
    }))
    hint(-1)
  }

  function hint(i) {
    pairs[at]?.box.classList.remove("over")
    at = i
    const found = pairs[i]
    tip.classList.toggle("on", Boolean(found))
    if (!found) return
    found.box.classList.add("over")
    const { row, learned } = found, next = found.i + 1
    const lines = [`reads id ${row.ids[found.i]}, ${MEANS[ROLES[role(row, found.i)]]}`]
    lines.push(learned ? `must say ${quoted(row, next)} next, ${MEANS[ROLES[role(row, next)]]}: its loss counts`
      : `${quoted(row, next)} comes next, ${MEANS[ROLES[role(row, next)]]}: -100, no loss`)
    tip.replaceChildren(make("div", "mono", quoted(row, found.i)), ...lines.map((line) => make("div", "", line)))
    const box = found.box.getBoundingClientRect(), home = root.getBoundingClientRect(), mine = tip.getBoundingClientRect()
    tip.style.transform = `translate(${clamp(box.left - home.left, 0, Math.max(0, home.width - mine.width))}px, ${box.bottom - home.top + 6}px)`
  }

  const indexOf = (event) => Number(event.target.closest?.(".pair")?.dataset.i ?? -1)
  list.onpointerover = (event) => hint(indexOf(event))
  list.onpointerleave = () => hint(-1)
  list.onblur = () => hint(-1)
  list.onkeydown = (event) => {
    const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (event.key === "Escape") return hint(-1)
    if (!move) return
    hint(clamp(at + move, 0, pairs.length - 1))
    event.preventDefault()
  }

  return {
    update(next) {
      data = next
      list.setAttribute("aria-label", data.label)
      const now = JSON.stringify(data)
      if (now !== drawn) build()
      drawn = now
    },
  }
})
