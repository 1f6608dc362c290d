// All heads of a model on one canvas: a thumbnail of each head's attention; a click picks layer and head.
// What a head looks like is a mark in its corner, told by its shape alone: the masked half is empty there.
const MARKS = { // in a box of 16 x 16
  "previous token": "M13 1.5V14.5L2 8Z",
  "first token": "M5.5 1h5v14h-5Z",
  "itself": "M8 2.5a5.5 5.5 0 1 0 .01 0Z",
  "induction": "M8 .6 10.2 5.6 15.6 6.2 11.6 9.9 12.7 15.3 8 12.6 3.3 15.3 4.4 9.9 .4 6.2 5.8 5.6Z",
  "diffuse": "M4 2.1a1.9 1.9 0 1 0 .01 0ZM4 10.1a1.9 1.9 0 1 0 .01 0ZM12 2.1a1.9 1.9 0 1 0 .01 0ZM12 10.1a1.9 1.9 0 1 0 .01 0Z",
}

/** A mark as a little picture beside its name. */
function drawing(role) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg")
  const path = svg.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "path"))
  svg.setAttribute("viewBox", "0 0 16 16")
  svg.setAttribute("aria-hidden", "true")
  path.setAttribute("d", MARKS[role] ?? "")
  return svg
}

export default (component) => mount(component, (root) => {
  const stage = root.querySelector(".stage"), canvas = root.querySelector("canvas")
  const readout = root.querySelector(".readout"), key = root.querySelector(".roles")
  const over = root.querySelector(".over"), chosen = root.querySelector(".chosen")
  const atlas = document.createElement("canvas")
  let data, shape, picked = null, cursor = [0, 0], painted = "", only = null

  /** Every thumbnail side by side, one picture pixel per attention weight. */
  function paintAtlas() {
    const { layers, heads, size, causal } = data
    if (!size) return
    const colours = ramp(root), bytes = bytesOf(data.pixels)
    atlas.width = heads * size
    atlas.height = layers * size
    const pen = atlas.getContext("2d"), image = pen.createImageData(atlas.width, atlas.height)
    let next = 0
    for (let cell = 0; cell < layers * heads; cell++) {
      const left = (cell % heads) * size, top = Math.floor(cell / heads) * size
      for (let row = 0; row < size; row++) {
        for (let column = 0; column < size; column++) {
          const weight = causal && column > row ? 0 : bytes[next++]
          image.data.set([...colours[weight], 255], ((top + row) * atlas.width + left + column) * 4)
        }
      }
    }
    pen.putImageData(image, 0, 0)
  }

  function layout() {
    const left = 64, top = 26, room = Math.max(120, root.clientWidth)
    const side = Math.floor(Math.min((room - left - 2) / data.heads, Math.max(620 / data.layers, 26), 132))
    return { left, top, side, gap: side > 40 ? 6 : side > 12 ? 3 : 1 }
  }

  const box = ([layer, head], pad = 0) => ({
    x: shape.left + head * shape.side - pad,
    y: shape.top + layer * shape.side - pad,
    w: shape.side - shape.gap + 2 * pad,
    h: shape.side - shape.gap + 2 * pad,
  })

  function draw() {
    stage.hidden = !data.size
    if (!data.size) return
    shape = layout()
    const width = shape.left + data.heads * shape.side + 4, height = shape.top + data.layers * shape.side + 4
    const pen = context(canvas, width, height)
    drawLabels(pen)
    pen.imageSmoothingEnabled = shape.side * (window.devicePixelRatio || 1) < data.size
    const border = style(root, "--st-border-color")
    const ink = style(root, "--st-text-color"), halo = style(root, "--st-background-color")
    for (let layer = 0; layer < data.layers; layer++) {
      for (let head = 0; head < data.heads; head++) {
        const { x, y, w, h } = box([layer, head])
        pen.globalAlpha = only && roleOf([layer, head])?.name !== only ? 0.3 : 1
        pen.drawImage(atlas, head * data.size, layer * data.size, data.size, data.size, x, y, w, h)
        pen.strokeStyle = border
        pen.strokeRect(x - 0.5, y - 0.5, w + 1, h + 1)
        drawMark(pen, [layer, head], ink, halo)
      }
    }
    pen.globalAlpha = 1
    frame(over, null)
    frame(chosen, picked && box(picked, 3))
  }

  /** What a head looks like: its role's name and score; null if no role stands out. */
  function roleOf([layer, head]) {
    const found = data.roles?.[layer][head]
    return found ? { name: data.role_names[found[0]], score: found[1] } : null
  }

  function drawMark(pen, cell, ink, halo) {
    const role = roleOf(cell), { x, y, w } = box(cell), side = Math.min(0.42 * w, 30)
    if (!role || side < 6) return
    const mark = new Path2D(MARKS[role.name])
    pen.save()
    pen.translate(x + w - side - 0.06 * w, y + 0.06 * w)
    pen.scale(side / 16, side / 16)
    if (role.name === "diffuse") pen.globalAlpha *= 0.6 // the common one: it should not drown the others
    pen.lineWidth = 4
    pen.lineJoin = "round"
    pen.strokeStyle = halo
    pen.stroke(mark)
    pen.fillStyle = ink
    pen.fill(mark)
    pen.restore()
  }

  /** Every role by name, with its strongest head: a click goes there, pointing at it lights its heads alone. */
  function drawKey() {
    only = null
    key.hidden = !data.roles
    key.replaceChildren(...(data.roles ? data.role_names.map(keyEntry) : []))
  }

  function keyEntry(name) {
    const cells = data.roles.flatMap((row, layer) => row.map((_, head) => [layer, head]))
    const best = cells
      .filter((cell) => roleOf(cell)?.name === name)
      .reduce((a, b) => (a && roleOf(a).score >= roleOf(b).score ? a : b), null)
    const entry = make("button", "role")
    const where = best ? `layer ${best[0]}, head ${best[1]}: ${roleOf(best).score.toFixed(2)}` : "none"
    entry.type = "button"
    entry.disabled = !best
    entry.append(drawing(name), make("b", "", name), make("span", "", where))
    entry.onclick = () => choose(best)
    entry.onpointerenter = () => light(name)
    entry.onfocus = () => entry.matches(":focus-visible") && light(name)
    entry.onpointerleave = entry.onblur = () => light(null)
    return entry
  }

  function light(name) {
    only = name
    draw()
  }

  function drawLabels(pen) {
    const font = style(root, "--st-font"), middle = (shape.side - shape.gap) / 2
    pen.fillStyle = style(root, "--st-text-color")
    pen.font = `13px ${font}`
    const wide = pen.measureText(`head ${data.heads - 1}`).width < shape.side - 4
    pen.textAlign = "right"
    if (!wide) pen.fillText("head", shape.left - 10, shape.top / 2)
    const rows = Math.ceil(14 / shape.side)
    for (let layer = 0; layer < data.layers; layer += rows)
      pen.fillText(`layer ${layer}`, shape.left - 10, shape.top + layer * shape.side + middle)
    pen.textAlign = "center"
    const columns = Math.ceil(pen.measureText("00").width / shape.side)
    for (let head = 0; head < data.heads; head += columns)
      pen.fillText(wide ? `head ${head}` : head, shape.left + head * shape.side + middle, shape.top / 2)
  }

  function say(cell) {
    if (!cell) return void (readout.textContent = "Point at a head, or click one.")
    const role = data.roles && roleOf(cell)
    const says = role ? ` looks like: ${role.name}, ${role.score.toFixed(2)}` : " has no clear role"
    readout.replaceChildren(make("b", "", `layer ${cell[0]}, head ${cell[1]}`), data.roles ? says : "")
  }

  function highlight(cell) {
    frame(over, cell && box(cell, 1))
    say(cell ?? picked)
  }

  function cellAt(event) {
    const home = canvas.getBoundingClientRect()
    const head = Math.floor((event.clientX - home.left - shape.left) / shape.side)
    const layer = Math.floor((event.clientY - home.top - shape.top) / shape.side)
    return layer >= 0 && head >= 0 && layer < data.layers && head < data.heads ? [layer, head] : null
  }

  function choose(cell) {
    picked = cursor = cell
    frame(chosen, box(cell, 3))
    say(cell)
    view.pick(cell)
  }

  stage.onpointermove = (event) => highlight(cellAt(event))
  stage.onpointerleave = () => highlight(null)
  stage.onblur = () => highlight(null)
  stage.onclick = (event) => {
    const cell = cellAt(event)
    if (cell) choose(cell)
  }
  stage.onkeydown = (event) => {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key]
    if (event.key === "Enter" || event.key === " ") choose(cursor)
    else if (step) {
      cursor = [clamp(cursor[0] + step[0], 0, data.layers - 1), clamp(cursor[1] + step[1], 0, data.heads - 1)]
      highlight(cursor)
    } else return
    event.preventDefault()
  }

  const view = {
    draw,
    update(next) {
      data = next
      picked = data.picked
      cursor = picked ?? [0, 0]
      stage.setAttribute("aria-label", `${data.label}. Arrow keys move, Enter picks.`)
      const roles = JSON.stringify(data.roles)
      const now = root.dataset.theme + data.layers + "x" + data.heads + data.causal + data.pixels + roles
      if (now !== painted) {
        paintAtlas()
        drawKey()
        draw()
      } else if (data.size) frame(chosen, picked && box(picked, 3))
      painted = now
      say(picked)
    },
  }
  return view
})
