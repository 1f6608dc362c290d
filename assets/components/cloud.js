// Thousands of rows as points, flat or solid, on one canvas: only what is marked changes when a token is chosen.
// Hover names a point, a click picks it; the axes stay where they are when the points move.
export default (component) => mount(component, (root) => {
  const stage = root.querySelector(".stage"), canvas = root.querySelector("canvas")
  const tip = root.querySelector(".tip"), keys = root.querySelector(".keys"), buttons = root.querySelector(".zoom")
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches
  let data, points = [], from = null, started = 0, sent = "", screen = [], over = null, drag = null, cursor = -1
  let look = { zoom: 1, x: 0, y: 0, yaw: 0.6, pitch: 0.35 }

  const width = () => root.clientWidth
  const height = () => clamp(0.74 * width(), 300, 560)
  let inks = {} // colours and fonts, read once a picture: each reading makes the browser lay out anew
  const colour = (name) => (inks[name] ??= style(root, `--${name}`))
  const name = (i) => visible(data.names[i])

  function read(base64) {
    const bytes = bytesOf(base64)
    return new Float32Array(new Int16Array(bytes.buffer, 0, bytes.byteLength / 2)).map((v) => v / 32767)
  }

  /** Where the points are now: on their way from the last checkpoint's places to this one's. */
  function places() {
    const t = from ? clamp((performance.now() - started) / 450, 0, 1) : 1
    if (t >= 1) from = null
    return from ? points.map((v, i) => from[i] + (v - from[i]) * t * (2 - t)) : points
  }

  function frameOf() {
    const w = width(), h = height(), left = data.solid ? 0 : 52, bottom = data.solid ? 0 : 46
    const half = data.solid ? Array(3).fill(Math.max(...data.half)) : data.half
    const scale = 0.5 * Math.min((w - left) / half[0], (h - bottom) / half[1]) * look.zoom
    return { w, h, left, bottom, x: left + (w - left) / 2 + look.x, y: (h - bottom) / 2 + look.y, scale }
  }

  function project(now, f) {
    const [cy, sy, cp, sp] = [Math.cos(look.yaw), Math.sin(look.yaw), Math.cos(look.pitch), Math.sin(look.pitch)]
    const [mx, my, mz] = data.middle
    const spot = (a, b, c) => {
      const [x, y, z] = [a - mx, b - my, c - mz]
      if (!data.solid) return [f.x + x * f.scale, f.y - y * f.scale, 0]
      const u = cy * x + sy * z, w = cy * z - sy * x
      return [f.x + u * f.scale, f.y - (cp * y - sp * w) * f.scale, sp * y + cp * w]
    }
    screen = Array.from({ length: data.names.length }, (_, i) => spot(now[3 * i], now[3 * i + 1], now[3 * i + 2]))
    return spot
  }

  function axes(pen, f, spot) {
    pen.strokeStyle = colour("grid")
    pen.fillStyle = colour("ink")
    pen.lineWidth = 1
    pen.font = `14px ${colour("st-font")}`
    if (data.solid) {
      data.titles.forEach((title, axis) => {
        const end = [...data.middle]
        end[axis] += 0.95 * Math.max(...data.half)
        const [a, b] = [spot(...data.middle), spot(...end)]
        pen.beginPath()
        pen.moveTo(a[0], a[1])
        pen.lineTo(b[0], b[1])
        pen.strokeStyle = colour("soft")
        pen.stroke()
        pen.textAlign = b[0] < f.x ? "right" : "left"
        pen.fillText(short(title, 24), clamp(b[0], 4, f.w - 4), b[1])
      })
      return
    }
    const step = niceStep((f.w - f.left) / f.scale * data.reach / 5) / data.reach
    const tick = (v) => (v * data.reach).toPrecision(2).replace(/\.?0+$/, "").replace("-", "−") || "0"
    for (let k = -40; k <= 40; k++) {
      const [x, y] = spot(k * step, k * step, 0)
      line(pen, x, 0, x, f.h - f.bottom, x > f.left && x < f.w)
      line(pen, f.left, y, f.w, y, y > 0 && y < f.h - f.bottom)
      const label = k ? tick(k * step) : "0"
      pen.textAlign = "center"
      if (x > f.left + 12 && x < f.w - 12) pen.fillText(label, x, f.h - f.bottom + 13)
      pen.textAlign = "right"
      if (y > 8 && y < f.h - f.bottom - 4) pen.fillText(label, f.left - 6, y)
    }
    pen.font = `15px ${colour("st-font")}`
    pen.textAlign = "center"
    pen.fillText(data.titles[0], f.left + (f.w - f.left) / 2, f.h - 10)
    pen.save()
    pen.translate(10, (f.h - f.bottom) / 2)
    pen.rotate(-Math.PI / 2)
    pen.fillText(data.titles[1], 0, 0)
    pen.restore()
  }

  function line(pen, x, y, u, v, inside) {
    if (!inside) return
    pen.beginPath()
    pen.moveTo(x, y)
    pen.lineTo(u, v)
    pen.stroke()
  }

  function niceStep(rough) {
    const power = 10 ** Math.floor(Math.log10(rough || 1))
    return [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough)
  }

  function dot(pen, [x, y], size) {
    pen.beginPath()
    pen.arc(x, y, size, 0, 7)
    pen.fill()
  }

  function label(pen, i, size, taken, always) {
    const text = short(name(i), 18), [x, y] = screen[i]
    pen.font = `${size}px ${colour("st-code-font")}`
    const w = pen.measureText(text).width, gap = size * 0.55
    const spots = [[x - w / 2, y - gap - size], [x - w / 2, y + gap], [x + gap + 2, y - size / 2], [x - gap - w - 2, y - size / 2]]
    const free = ([a, b]) => !taken.some(([c, d, e, g]) => a < c + e && c < a + w && b < d + g && d < b + size)
    const spot = spots.find(free) ?? (always ? spots[0] : null)
    if (!spot) return
    taken.push([spot[0], spot[1], w, size])
    pen.textAlign = "left"
    pen.lineWidth = 4
    pen.lineJoin = "round"
    pen.strokeStyle = colour("st-background-color")
    pen.strokeText(text, spot[0], spot[1] + size / 2)
    pen.fillText(text, spot[0], spot[1] + size / 2)
  }

  /** Points of classes: full where they are sorted rightly, a ring where not; the chosen one is framed. */
  function classes(pen) {
    screen.forEach((p, i) => {
      const ink = data.inks[data.groups[i]]
      pen.globalAlpha = 0.85
      pen.fillStyle = data.wrong[i] ? colour("st-background-color") : ink
      dot(pen, p, 6)
      pen.strokeStyle = ink
      pen.lineWidth = 2.5
      if (data.wrong[i]) pen.stroke()
    })
    pen.globalAlpha = 1
    pen.strokeStyle = colour("st-text-color")
    pen.lineWidth = 3
    pen.beginPath()
    pen.arc(...screen[data.chosen].slice(0, 2), 10, 0, 7)
    pen.stroke()
  }

  /** What the colours mean: [kind, text, ink]. */
  function meanings() {
    if (data.groups) return [...data.groupNames.map((text, i) => ["group", text, data.inks[i]]), ["ring", "sorted wrongly", ""]]
    return [["chosen", name(data.chosen)], ...data.marked.map((g, n) => [n ? "second" : "first", g.name])]
  }

  function draw() {
    if (!data || !width()) return
    inks = {}
    const f = frameOf(), pen = context(canvas, f.w, f.h), spot = project(places(), f)
    axes(pen, f, spot)
    pen.save()
    pen.beginPath()
    pen.rect(f.left, 0, f.w - f.left, f.h - f.bottom)
    pen.clip()
    if (data.groups) classes(pen)
    else rows(pen)
    if (over !== null && screen[over]) {
      pen.strokeStyle = colour("ink")
      pen.lineWidth = 2
      pen.beginPath()
      pen.arc(...screen[over].slice(0, 2), 8, 0, 7)
      pen.stroke()
    }
    pen.restore()
    if (from) requestAnimationFrame(draw)
  }

  /** Rows of a table: all of them pale, and what is marked. */
  function rows(pen) {
    pen.fillStyle = colour("cloud")
    const many = data.names.length > 400
    screen.forEach((p) => {
      pen.globalAlpha = data.solid ? clamp(0.42 + 0.3 * p[2], 0.12, 0.75) : many ? 0.42 : 0.7
      const size = data.solid ? 2.2 + p[2] : many ? 2.6 : 3.6
      pen.fillRect(p[0] - size / 2, p[1] - size / 2, size, size)
    })
    pen.globalAlpha = 1
    const taken = []
    pen.fillStyle = colour("chosen")
    dot(pen, screen[data.chosen], 8)
    label(pen, data.chosen, 20, taken, true)
    data.marked.forEach((group, n) => {
      pen.fillStyle = colour(n ? "second" : "first")
      const rows = group.rows.filter((i) => i !== data.chosen)
      rows.forEach((i) => dot(pen, screen[i], 4.2))
      rows.slice(0, 40).forEach((i) => label(pen, i, 15, taken, false))
    })
  }

  function nearest(event) {
    const box = canvas.getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top
    const reach = event.pointerType === "touch" ? 24 : 13
    let best = null, least = reach * reach
    const try_ = (i, bonus) => {
      const d = (screen[i][0] - x) ** 2 + (screen[i][1] - y) ** 2 - bonus
      if (d < least) [best, least] = [i, d]
    }
    screen.forEach((_, i) => try_(i, 0))
    data.marked.forEach((group) => group.rows.forEach((i) => try_(i, 30)))
    return best
  }

  function hover(i, anew) {
    if (i === over && !anew) return
    over = i
    tip.classList.toggle("on", i !== null)
    if (i !== null) {
      tip.textContent = data.groups ? short(data.names[i], 90) : name(i)
      const [x, y] = screen[i], w = tip.offsetWidth
      tip.style.transform = `translate(${clamp(x + 12, 0, Math.max(0, width() - w))}px, ${Math.max(0, y - 40)}px)`
    }
    draw()
  }

  function zoom(factor) {
    const before = look.zoom
    look.zoom = factor ? clamp(before * factor, 0.5, 60) : 1
    const share = factor ? look.zoom / before : 0
    look.x *= share
    look.y *= share
    hover(null, true)
  }

  stage.onpointerdown = (event) => { drag = { x: event.clientX, y: event.clientY, moved: false } }
  stage.onpointermove = (event) => {
    if (!drag) return hover(nearest(event))
    const dx = event.clientX - drag.x, dy = event.clientY - drag.y
    if (!drag.moved && Math.hypot(dx, dy) < 4) return
    if (!drag.moved) stage.setPointerCapture?.(event.pointerId)
    Object.assign(drag, { x: event.clientX, y: event.clientY, moved: true })
    if (data.solid) Object.assign(look, { yaw: look.yaw - dx / 150, pitch: clamp(look.pitch + dy / 150, -1.5, 1.5) })
    else Object.assign(look, { x: look.x + dx, y: look.y + dy })
    hover(null, true)
  }
  stage.onpointerup = (event) => {
    const found = drag && !drag.moved ? nearest(event) : null
    drag = null
    if (found !== null) view.pick(found)
  }
  stage.onpointercancel = () => (drag = null)
  stage.onpointerleave = () => !drag && hover(null)
  stage.ondblclick = () => zoom(0)
  stage.onkeydown = (event) => {
    const lit = data.groups ? [...data.groups.keys()] : [data.chosen, ...data.marked.flatMap((group) => group.rows)]
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    const turn = event.shiftKey && { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key]
    if (turn) {
      if (data.solid) Object.assign(look, { yaw: look.yaw + turn[0] / 8, pitch: clamp(look.pitch + turn[1] / 8, -1.5, 1.5) })
      else Object.assign(look, { x: look.x - 40 * turn[0], y: look.y + 40 * turn[1] })
      hover(null, true)
    } else if (step) {
      cursor = (cursor + step + lit.length) % lit.length
      hover(lit[cursor])
      stage.setAttribute("aria-label", name(lit[cursor]))
    } else if (event.key === "+" || event.key === "-" || event.key === "0") zoom({ "+": 1.4, "-": 1 / 1.4, 0: 0 }[event.key])
    else if (event.key === "Enter" && over !== null) view.pick(over)
    else if (event.key === "Escape") hover(null)
    else return
    event.preventDefault()
  }
  buttons.onclick = (event) => event.target.dataset?.by && zoom(Number(event.target.dataset.by))

  const view = {
    draw,
    update(next) {
      const same = data && data.names.length === next.names.length && data.solid === next.solid && data.kind === next.kind
      const frame = data && JSON.stringify([data.middle, data.half, data.reach, data.solid]) === JSON.stringify([next.middle, next.half, next.reach, next.solid])
      data = next
      if (next.points !== sent) {
        from = same && points.length && !still ? places() : null
        points = read(next.points)
        started = performance.now()
      }
      sent = next.points
      if (!frame) Object.assign(look, { zoom: 1, x: 0, y: 0 })
      cursor = -1
      const hint = data.solid ? "Shift and arrows turn" : "Shift and arrows move"
      stage.setAttribute("aria-label", `${data.label}. Arrow keys go through the lit points, Enter picks, ${hint}, plus and minus zoom.`)
      keys.replaceChildren(...meanings().map(([kind, text, ink]) => {
        const key = make("span", `entry ${kind}`), spot = key.appendChild(make("span", "spot"))
        if (ink) spot.style.background = ink
        key.append(make("bdi", "", text))
        return key
      }))
      over = null
      tip.classList.remove("on")
      draw()
    },
  }
  return view
})
