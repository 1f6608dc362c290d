// Token chips: every piece of a text as a coloured chip; hover tells id and bytes, a click picks.
const toHex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join(" ")

export default (component) => mount(component, (root) => {
  const list = root.querySelector(".chips")
  const tip = root.querySelector(".tip")
  let data, chips = [], starts = [], drawn = "", picked = null, stop = 0

  function build() {
    chips = data.texts.map((text, i) => {
      const chip = make("bdi", `chip c${i % 6}${data.hexes[i] ? " part" : ""}`, tokenName(data, i))
      chip.dir = "auto"
      chip.setAttribute("role", "option")
      chip.dataset.i = i
      chip.tabIndex = -1
      return chip
    })
    let at = 0
    starts = data.lengths.map((n, i) => {
      const start = at + (data.gaps[i] ?? 0)
      at = start + n
      return start
    })
    const page = document.createDocumentFragment()
    chips.forEach((chip, i) => {
      page.append(chip)
      if (data.texts[i].includes("\n")) page.append(make("br"))
    })
    list.replaceChildren(page)
    picked = null
    stop = 0
  }

  function show(next) {
    if (picked !== null) chips[picked]?.removeAttribute("aria-selected")
    picked = next
    if (picked !== null) chips[picked]?.setAttribute("aria-selected", "true")
    tabStop(picked ?? stop)
  }

  function tabStop(i) {
    if (chips[stop]) chips[stop].tabIndex = -1 // never remove it: the focused chip would lose the focus
    stop = clamp(i, 0, Math.max(0, chips.length - 1))
    if (chips[stop]) chips[stop].tabIndex = 0
  }

  function describe(i) {
    const bytes = data.hexes[i] ?? toHex(new TextEncoder().encode(data.texts[i]))
    const count = bytes.split(" ").length
    const all = count > 32 ? bytes.slice(0, 95) + " …" : bytes
    const end = starts[i] + data.lengths[i]
    return [
      `id ${data.ids[i]}`,
      `${count} byte${count === 1 ? "" : "s"}: ${bytes ? all : "none"}`,
      `token ${i} of ${chips.length}, characters ${starts[i]} to ${end}`,
    ]
  }

  function hint(chip) {
    tip.classList.toggle("on", Boolean(chip))
    if (!chip) return
    tip.replaceChildren(...describe(Number(chip.dataset.i)).map((line, n) => make("div", n < 2 ? "mono" : "", line)))
    const box = chip.getBoundingClientRect(), home = root.getBoundingClientRect(), mine = tip.getBoundingClientRect()
    const below = box.bottom + mine.height + 12 < window.innerHeight || box.top < mine.height + 12
    const y = below ? box.bottom - home.top + 8 : box.top - home.top - mine.height - 8
    const x = clamp(box.left - home.left, 0, Math.max(0, home.width - mine.width))
    tip.style.transform = `translate(${x}px, ${y}px)`
  }

  function verticalStep(i, step) {
    const from = chips[i].offsetTop, x = chips[i].offsetLeft
    let j = i + step
    while (chips[j] && chips[j].offsetTop === from) j += step
    if (!chips[j]) return i
    const row = chips[j].offsetTop
    while (chips[j + step]?.offsetTop === row && (chips[j].offsetLeft - x) * step < 0) j += step
    return j
  }

  function onKey(event) {
    const moves = { ArrowRight: () => stop + 1, ArrowLeft: () => stop - 1, Home: () => 0, End: () => chips.length - 1,
      ArrowDown: () => verticalStep(stop, 1), ArrowUp: () => verticalStep(stop, -1) }
    if (event.key === "Escape") return hint(null)
    if (event.key === "Enter" || event.key === " ") choose(stop)
    else if (moves[event.key]) {
      tabStop(moves[event.key]())
      chips[stop]?.focus()
    } else return
    event.preventDefault()
  }

  function choose(i) {
    show(i)
    view.pick(i)
  }

  const chipAt = (event) => event.target.closest?.(".chip")
  list.onclick = (event) => chipAt(event) && choose(Number(chipAt(event).dataset.i))
  list.onkeydown = onKey
  list.onpointerover = (event) => hint(chipAt(event))
  list.onpointerleave = () => hint(null)
  list.addEventListener("focusin", (event) => {
    const chip = chipAt(event)
    if (!chip) return
    tabStop(Number(chip.dataset.i))
    chip.setAttribute("aria-label", [chip.textContent, ...describe(stop)].join(", "))
    if (chip.matches(":focus-visible")) hint(chip)
  })
  list.addEventListener("focusout", () => hint(null))

  const view = {
    update(next) {
      data = next
      list.setAttribute("aria-label", data.label)
      const now = JSON.stringify([data.texts, data.ids, data.hexes, data.lengths, data.gaps])
      if (now !== drawn) build()
      drawn = now
      show(data.picked)
    },
  }
  return view
})
