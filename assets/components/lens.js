// The logit lens: a row a depth, a column a token; each cell the token that the model would answer there.
export default (component) => mount(component, (root) => {
  const table = root.querySelector(".lens"), tip = root.querySelector(".tip")
  let data, cells = [], drawn = "", cursor = [0, 0]

  const percent = (p) => (p >= 0.995 ? "100%" : p >= 0.0995 ? `${Math.round(100 * p)}%` : p >= 0.001 ? `${(100 * p).toFixed(1)}%` : "<0.1%")
  const answer = (i) => tokenName(data.words, i)

  function cell(row, column, colours) {
    const [first] = data.best[row][column], p = data.probs[row][column][0], last = data.best.length - 1
    const node = make("div", "cell")
    const rgb = colours[Math.round(255 * clamp(p, 0, 1))]
    node.style.background = `rgb(${rgb})`
    node.style.color = inkOn(rgb)
    node.classList.toggle("settled", first === data.best[last][column][0])
    node.append(make("bdi", "word", answer(first)), make("span", "chance", percent(p)))
    node.setAttribute("role", "gridcell")
    node.dataset.row = row
    node.dataset.column = column
    node.tabIndex = -1
    return node
  }

  function line(name, className, nodes) {
    const row = make("div", `line ${className}`)
    const head = row.appendChild(make("div", "depth", name))
    row.setAttribute("role", "row")
    head.setAttribute("role", "rowheader")
    row.append(...nodes)
    return row
  }

  function heading(className, name) {
    const node = make("bdi", className, name)
    node.setAttribute("role", "columnheader")
    return node
  }

  function build() {
    const colours = ramp(root)
    table.style.setProperty("--columns", data.texts.length)
    cells = data.best.map((row, i) => row.map((_, j) => cell(i, j, colours)))
    const heads = data.texts.map((_, j) => heading("head", tokenName(data, j)))
    const next = data.next.map((word) => heading("head", word === null ? "?" : answer(word)))
    table.replaceChildren(
      line("reads", "top", heads),
      ...cells.map((row, i) => line(data.rows[i], "", row)),
      line("the text goes on", "next", next),
    )
  }

  function mark([row, column]) {
    cells.flat().forEach((node) => node.removeAttribute("aria-selected"))
    ;[...table.querySelectorAll(".line")].forEach((node, i) => node.classList.toggle("on", i === row + 1))
    for (const node of table.querySelectorAll(".line.top, .line.next"))
      [...node.children].forEach((head, j) => head.classList.toggle("on", j === column + 1))
    cells[row]?.[column]?.setAttribute("aria-selected", "true")
    stop([row, column])
  }

  function stop([row, column]) {
    const before = cells[cursor[0]]?.[cursor[1]]
    if (before) before.tabIndex = -1
    cursor = [clamp(row, 0, cells.length - 1), clamp(column, 0, data.texts.length - 1)]
    const node = cells[cursor[0]]?.[cursor[1]]
    if (node) node.tabIndex = 0
    return node
  }

  /** Bring the chosen column into view, sideways only. */
  function reveal(column) {
    const head = cells[0]?.[column], names = table.querySelector(".depth")
    if (!head) return
    const left = head.offsetLeft - names.offsetWidth, right = head.offsetLeft + head.offsetWidth
    if (left < table.scrollLeft) table.scrollLeft = left - 60
    else if (right > table.scrollLeft + table.clientWidth) table.scrollLeft = right + 60 - table.clientWidth
  }

  function describe(row, column) {
    const lines = data.best[row][column].map((word, k) => `${quoted(data.words, word)} ${percent(data.probs[row][column][k])}`)
    const next = data.next[column]
    const right = next === null ? [] : [`the text goes on with ${quoted(data.words, next)}: ${percent(data.right[row][column])}`]
    return [`${data.rows[row]}, having read ${quoted(data, column)}`, ...lines, ...right]
  }

  function hint(node) {
    tip.classList.toggle("on", Boolean(node))
    if (!node) return
    const lines = describe(Number(node.dataset.row), Number(node.dataset.column)), last = lines.length - 1
    tip.replaceChildren(...lines.map((text, i) => make("div", i && (i < last || i === 3) ? "mono" : "", text)))
    const box = node.getBoundingClientRect(), home = root.getBoundingClientRect(), mine = tip.getBoundingClientRect()
    const below = box.bottom + mine.height + 12 < window.innerHeight || box.top < mine.height + 12
    const y = below ? box.bottom - home.top + 6 : box.top - home.top - mine.height - 6
    tip.style.transform = `translate(${clamp(box.left - home.left, 0, Math.max(0, home.width - mine.width))}px, ${y}px)`
  }

  function choose([row, column]) {
    mark([row, column])
    view.pick([row, column])
  }

  const cellAt = (event) => event.target.closest?.(".cell")
  const place = (node) => [Number(node.dataset.row), Number(node.dataset.column)]
  table.onclick = (event) => cellAt(event) && choose(place(cellAt(event)))
  table.onpointerover = (event) => hint(cellAt(event))
  table.onpointerleave = () => hint(null)
  table.onkeydown = (event) => {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key]
    if (event.key === "Escape") return hint(null)
    if (event.key === "Enter" || event.key === " ") choose(cursor)
    else if (step) stop([cursor[0] + step[0], cursor[1] + step[1]])?.focus()
    else return
    event.preventDefault()
  }
  table.addEventListener("focusin", (event) => {
    const node = cellAt(event)
    if (!node) return
    stop(place(node))
    node.setAttribute("aria-label", describe(...place(node)).join(", "))
    if (node.matches(":focus-visible")) hint(node)
  })
  table.addEventListener("focusout", () => hint(null))

  const view = {
    update(next) {
      data = next
      table.setAttribute("aria-label", `${data.label}. Arrow keys move, Enter picks.`)
      const now = JSON.stringify([data.rows, data.texts, data.words, data.best, data.probs, data.next, root.dataset.theme])
      if (now !== drawn) build()
      drawn = now
      if (data.picked) {
        mark(data.picked)
        reveal(data.picked[1])
      }
    },
  }
  return view
})
