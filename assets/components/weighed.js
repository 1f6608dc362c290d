// Words coloured by what each adds to an answer: one colour for, one against, none for nothing.
export default (component) => mount(component, (root) => {
  const list = root.querySelector(".words"), tip = root.querySelector(".tip"), bar = root.querySelector(".bar")
  let data, at = -1, words = []

  const points = (share) => `${share > 0 ? "+" : share < 0 ? "−" : ""}${Math.abs(100 * share).toFixed(1)} points`

  function build() {
    const scale = signedRamp(root)
    const paint = (share) => scale[Math.round(clamp(0.5 + share / (2 * data.most), 0, 1) * 255)]
    words = data.words.map((text, i) => {
      const word = make("bdi", data.read[i] ? "word" : "word cut", short(visible(text), 40)), rgb = paint(data.added[i])
      if (data.read[i]) Object.assign(word.style, { background: `rgb(${rgb})`, color: inkOn(rgb) })
      word.dataset.i = i
      return word
    })
    list.replaceChildren(...words.flatMap((word) => [word, " "]))
    const steps = Array.from({ length: 11 }, (_, i) => `rgb(${scale[Math.round(25.5 * i)]})`)
    bar.style.background = `linear-gradient(to right, ${steps})`
    root.querySelector(".low").textContent = `against ${short(data.name, 16)}`
    root.querySelector(".high").textContent = `for it: ${points(data.most)}`
    hint(-1)
  }

  function hint(i) {
    words[at]?.classList.remove("over")
    at = i
    tip.classList.toggle("on", Boolean(words[i]))
    if (!words[i]) return
    words[i].classList.add("over")
    const told = data.read[i] ? `without it: ${data.name} ${points(-data.added[i])}` : "too far back: cut off, never read"
    tip.replaceChildren(make("div", "mono", `\u2068${short(visible(data.words[i]), 40)}\u2069`), make("div", "", told))
    const box = words[i].getBoundingClientRect(), home = root.getBoundingClientRect(), mine = tip.getBoundingClientRect()
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
      build()
    },
  }
})
