// The likeliest next tokens: a row each, its logit as a thin bar, its probability before and after as a wide one.
const percent = (p) => (p >= 0.9995 ? "100" : p >= 0.0995 ? (100 * p).toFixed(1) : p >= 0.0001 ? (100 * p).toFixed(2) : p > 0 ? "<0.01" : "0")
const SCALES = [0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1]

export default (component) => mount(component, (root) => {
  const heads = root.querySelector(".heads"), list = root.querySelector(".rows")
  const others = root.querySelector(".others"), tip = root.querySelector(".tip")
  let data, rows = [], stop = 0

  function bar(className) {
    const track = make("span", `track ${className}`)
    return [track, ...["own", "drawn"].map((name) => track.appendChild(make("i", name)))]
  }

  function row(i) {
    const node = make("div", "row")
    const token = node.appendChild(make("bdi", "token")), logit = node.appendChild(make("span", "logit"))
    const [thin, , score] = bar("thin"), [wide, own, drawn] = bar("wide")
    const chance = wide.appendChild(make("span", "chance"))
    node.append(thin, wide)
    node.setAttribute("role", "option")
    node.setAttribute("aria-selected", "false")
    node.dataset.i = i
    node.tabIndex = -1
    return { node, token, logit, score, own, drawn, chance }
  }

  /** From this logit to its probability, step by step, with the numbers put in. */
  function arithmetic(i) {
    const [temperature, best, total, nucleus] = data.how, logit = data.logits[i]
    const lines = [`the model's own: ${percent(data.own[i])}%`]
    if (temperature === 0) return [...lines, data.drawn[i] ? "temperature 0: the best takes all" : "temperature 0: only the best can come"]
    if (!data.drawn[i]) return [...lines, "cut: it cannot be drawn, only forced"]
    const from = logit - best, scaled = from / temperature, power = Math.exp(scaled)
    lines.push(`logit ${logit.toFixed(2)} − best ${best.toFixed(2)} = ${from.toFixed(2)}`)
    lines.push(`÷ T ${temperature} = ${scaled.toFixed(2)},  e^${scaled.toFixed(2)} = ${power.toPrecision(3)}`)
    lines.push(`÷ ${total.toPrecision(4)}, the sum = ${percent(power / total)}%`)
    if (nucleus < 0.99999) lines.push(`÷ ${nucleus.toFixed(3)}, kept by top-p = ${percent(data.drawn[i])}%`)
    return lines
  }

  function describe(i) {
    const now = data.drawn[i] ? `drawn with ${percent(data.drawn[i])}%` : "cut"
    return `${quoted(data, i)}, logit ${data.logits[i].toFixed(2)}, own ${percent(data.own[i])}%, ${now}. ${data.note}`
  }

  function draw() {
    const most = Math.max(...data.own, ...data.drawn, 0)
    const scale = SCALES.find((one) => one >= most / 1.02) ?? 1
    const low = Math.min(0, ...data.logits), high = Math.max(0, ...data.logits), span = high - low || 1
    rows.forEach(({ node, token, logit, score, own, drawn, chance }, i) => {
      const value = data.logits[i], wide = Math.min(1, Math.max(data.own[i], data.drawn[i]) / scale)
      token.textContent = tokenName(data, i)
      logit.textContent = value.toFixed(2).replace("-", "−")
      score.style.left = `${(100 * (Math.min(0, value) - low)) / span}%`
      score.style.width = `${(100 * Math.abs(value)) / span}%`
      own.style.width = `${(100 * data.own[i]) / scale}%`
      drawn.style.width = `${(100 * data.drawn[i]) / scale}%`
      chance.style.left = `${100 * wide}%`
      chance.textContent = data.drawn[i] ? percent(data.drawn[i]) : "cut"
      node.classList.toggle("cut", !data.drawn[i])
      node.setAttribute("aria-label", describe(i))
    })
    const end = `${Math.round(100 * scale)}%`
    heads.replaceChildren(make("span", "token", "token"), make("span", "logit", "logit"), make("span", "thin"), legend(end))
    const [count, before, after] = data.others
    others.hidden = !count
    others.classList.toggle("cut", !after)
    const word = count === 1 ? "1 other token" : `${count.toLocaleString("en")} other tokens`
    others.textContent = `${word} together: ${percent(before)}% → ${after ? `${percent(after)}%` : "cut"}`
  }

  function legend(end) {
    const node = make("span", "wide")
    const key = (className, text) => {
      const one = make("span", "one")
      one.append(make("i", className), make("span", "", text))
      return one
    }
    node.append(key("own", "the model's own"), key("drawn", "drawn from"), make("span", "end", end))
    return node
  }

  function hint(i) {
    const found = rows[i]?.node
    tip.classList.toggle("on", Boolean(found))
    if (!found) return
    tip.replaceChildren(make("div", "mono", quoted(data, i)), ...arithmetic(i).map((line) => make("div", "", line)), make("div", "note", data.note))
    const box = found.getBoundingClientRect(), home = root.getBoundingClientRect(), mine = tip.getBoundingClientRect()
    const below = box.bottom + mine.height + 12 < window.innerHeight || box.top < mine.height + 12
    const y = below ? box.bottom - home.top + 4 : box.top - home.top - mine.height - 4
    tip.style.transform = `translate(${Math.max(0, home.width - mine.width - 8)}px, ${y}px)`
  }

  function focus(i) {
    if (rows[stop]) rows[stop].node.tabIndex = -1
    stop = clamp(i, 0, rows.length - 1)
    if (rows[stop]) rows[stop].node.tabIndex = 0
    return rows[stop]?.node
  }

  const indexOf = (event) => Number(event.target.closest?.(".row")?.dataset.i ?? -1)
  list.onclick = (event) => indexOf(event) >= 0 && view.pick(indexOf(event))
  list.onpointerover = (event) => event.pointerType !== "touch" && hint(indexOf(event))
  list.onpointerleave = () => hint(-1)
  list.onkeydown = (event) => {
    const to = { ArrowDown: stop + 1, ArrowUp: stop - 1, Home: 0, End: rows.length - 1 }[event.key]
    if (event.key === "Escape") return hint(-1)
    if (event.key === "Enter" || event.key === " ") view.pick(stop)
    else if (to !== undefined) focus(to)?.focus()
    else return
    event.preventDefault()
  }
  list.addEventListener("focusin", (event) => {
    focus(indexOf(event))
    if (event.target.matches(":focus-visible")) hint(stop)
  })
  list.addEventListener("focusout", () => hint(-1))

  const view = {
    update(next) {
      data = next
      list.setAttribute("aria-label", `${data.label}. Up and down move, Enter picks.`)
      if (rows.length !== data.texts.length) {
        rows = data.texts.map((_, i) => row(i))
        list.replaceChildren(...rows.map(({ node }) => node))
        focus(0)
      }
      draw()
      if (tip.classList.contains("on")) hint(rows.findIndex(({ node }) => node.matches(":hover, :focus-visible")))
    },
  }
  return view
})
