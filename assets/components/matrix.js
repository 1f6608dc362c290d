// Small matrices as tables: each cell has its number, tinted by it; hover or focus says how it came about.
export default (component) => mount(component, (root) => {
  const home = root.querySelector(".tables"), readout = root.querySelector(".readout")
  let data, grids = [], drawn = "", at = [0, 0, 0]

  const number = (value, digits) => (value === null ? "−∞" : (Math.abs(value) < 0.5 * 10 ** -digits ? 0 : value).toFixed(digits).replace("-", "−"))

  function tint(node, value, masked, table, shares, signed) {
    if (masked) return node.classList.add("masked")
    if (table.kind === "plain") return
    const share = table.kind === "share"
    const rgb = share ? shares[Math.round(255 * clamp(value, 0, 1))] : signed[Math.round(127.5 * (1 + clamp(value / table.most, -1, 1)))]
    node.style.background = `rgb(${rgb})`
    node.style.color = inkOn(rgb)
  }

  function heading(text, scope, className = "") {
    const node = make("th", className)
    node.append(make("bdi", "", text))
    node.scope = scope
    return node
  }

  function build(table, t, shares, signed) {
    const box = make("div", "box"), frame = make("div", "scroll"), grid = make("table", "mono")
    grid.setAttribute("role", "grid")
    grid.setAttribute("aria-label", `${table.title}. Arrow keys move, Enter picks the row.`)
    const head = grid.createTHead().insertRow()
    head.append(make("td", "corner"), ...table.columns.map((name, c) => heading(name, "col", table.roles[c] ?? "")))
    const body = grid.createTBody()
    const cells = table.values.map((values, r) => {
      const line = body.insertRow()
      const name = line.appendChild(heading(table.rows[r], "row"))
      name.dataset.at = [t, r, 0]
      return values.map((value, c) => {
        const node = line.insertCell()
        node.textContent = number(value, table.digits)
        node.tabIndex = -1
        node.dataset.at = [t, r, c]
        node.setAttribute("role", "gridcell")
        tint(node, value, table.masked?.[r][c], table, shares, signed)
        return node
      })
    })
    frame.append(grid)
    box.append(make("div", "title", table.title), frame)
    grids.push(cells)
    return box
  }

  function draw() {
    const shares = ramp(root), signed = signedRamp(root)
    grids = []
    home.classList.toggle("many", data.tables.reduce((sum, table) => sum + table.columns.length, 0) > 10)
    home.replaceChildren(...data.tables.map((table, t) => build(table, t, shares, signed)))
  }

  const cellOf = ([t, r, c]) => grids[t]?.[r]?.[c]

  /** The one cell that Tab goes to. */
  function stop(next) {
    const old = cellOf(at)
    if (old) old.tabIndex = -1
    at = next
    const node = cellOf(at)
    if (node) node.tabIndex = 0
    return node
  }

  function say(place) {
    const [t, r, c] = place ?? resting(), table = data.tables[t]
    root.querySelectorAll(".told").forEach((node) => node.classList.remove("told"))
    const node = cellOf([t, r, c])
    if (!node) return readout.replaceChildren()
    node.classList.add("told")
    const names = make("div", "names")
    names.append(make("bdi", "query", table.rows[r]), " · ", make("bdi", table.roles[c] ?? "", table.columns[c]))
    readout.replaceChildren(names, make("div", "", table.formulas?.[r]?.[c] ?? number(table.values[r][c], table.digits)))
  }

  /** What is said as long as nobody points: the last table, in the picked row, and there the largest share. */
  function resting() {
    const t = data.tables.length - 1, row = clamp(data.picked ?? 0, 0, data.tables[t].rows.length - 1), { kind, values } = data.tables[t]
    return [t, row, kind === "share" ? values[row].indexOf(Math.max(...values[row])) : 0]
  }

  function mark() {
    for (const cells of grids)
      cells.forEach((line, r) => {
        line[0]?.parentElement.classList.toggle("on", r === data.picked)
        line.forEach((node) => node.setAttribute("aria-selected", r === data.picked))
      })
  }

  const placeOf = (event) => event.target.closest?.("[data-at]")?.dataset.at.split(",").map(Number)
  home.onpointerover = (event) => say(placeOf(event))
  home.onpointerleave = () => say(null)
  home.onclick = (event) => {
    const place = placeOf(event)
    if (!place) return
    data.picked = place[1]
    mark()
    stop(place)
    say(place)
    view.pick(place[1])
  }
  home.onkeydown = (event) => {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key]
    const [t, r, c] = at, cells = grids[t]
    if (event.key === "Enter" || event.key === " ") cellOf(at)?.click()
    else if (step) stop([t, clamp(r + step[0], 0, cells.length - 1), clamp(c + step[1], 0, cells[r].length - 1)])?.focus()
    else return
    event.preventDefault()
  }
  home.addEventListener("focusin", (event) => {
    const place = placeOf(event)
    if (place) stop(place)
    say(place)
  })
  home.addEventListener("focusout", () => say(null))

  const view = {
    update(next) {
      const now = JSON.stringify([root.dataset.theme, next.tables])
      data = next
      if (now !== drawn) draw()
      drawn = now
      mark()
      const focused = root.getRootNode().activeElement?.dataset?.at
      if (!focused) stop(resting())
      say(focused ? focused.split(",").map(Number) : null)
    },
  }
  return view
})
