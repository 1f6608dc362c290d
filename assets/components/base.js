// Shared prelude of every component: one root per instance, theme, canvas, names of tokens.
// What comes from the server is written with textContent or fillText only, never as HTML.
const SIGNS = { " ": "·", "\n": "↵", "\t": "⇥", "\r": "\\r" } // signs that Streamlit's fonts hold; ␀ and kin they don't
const control = (c) => SIGNS[c] ?? "\\x" + c.charCodeAt(0).toString(16).padStart(2, "0")
const codePoints = (text) => [...text].map((c) => "U+" + c.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")).join(" ")

/** A text with its white space and control characters made visible. */
function visible(text) {
  if (text === "") return "∅"
  const shown = text.replace(/[\u0000-\u0020\u007f\u00a0]/g, control)
  return /^[\p{Cf}\p{Mn}\p{Zl}\p{Zp}]+$/u.test(shown) ? codePoints(shown) : shown
}

/** Token i as people read it: its text, or its bytes in hex where it is only a part of a character. */
const tokenName = (data, i) => data.hexes[i] ?? visible(data.texts[i])
const short = (text, n) => ([...text].length > n ? [...text].slice(0, n - 1).join("") + "…" : text)
const quoted = (data, i) => `\u2068${short(tokenName(data, i), 24)}\u2069`
const clamp = (x, low, high) => Math.max(low, Math.min(high, x))

function make(tag, className, text) {
  const node = document.createElement(tag)
  if (className) node.className = className
  if (text !== undefined) node.textContent = text
  return node
}

function bytesOf(base64) {
  const binary = atob(base64)
  return Uint8Array.from(binary, (c) => c.charCodeAt(0))
}

/** Streamlit names no "dark", so look at the background's luminance. */
function isDark(root) {
  const probe = root.appendChild(make("i"))
  probe.style.color = "var(--st-background-color)"
  const [r, g, b] = getComputedStyle(probe).color.match(/[\d.]+/g).map(Number)
  probe.remove()
  return 0.299 * r + 0.587 * g + 0.114 * b < 128
}

/** A scale as 256 colours [r, g, b]; weights enter as w ** GAMMA so that small ones show. */
const GAMMA = 0.6
function ramp(root, name = "--gb-ramp", gamma = GAMMA) {
  const stops = getComputedStyle(root).getPropertyValue(name).trim().split(",")
  const pen = document.createElement("canvas").getContext("2d")
  const rgb = stops.map((stop) => {
    pen.fillStyle = stop // reads any way to write a colour, gives back #rrggbb
    return [1, 3, 5].map((i) => parseInt(pen.fillStyle.slice(i, i + 2), 16))
  })
  return Array.from({ length: 256 }, (_, v) => {
    const at = (v / 255) ** gamma * (rgb.length - 1)
    const i = Math.min(Math.floor(at), rgb.length - 2)
    return rgb[i].map((c, n) => Math.round(c + (rgb[i + 1][n] - c) * (at - i)))
  })
}

/** Signed numbers as 256 colours: the middle is 0. */
const signedRamp = (root) => ramp(root, "--gb-diverging", 1)

/** Black or white, whichever is read better on this colour. */
function inkOn(rgb) {
  const light = rgb.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4))
  return 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2] > 0.18 ? "#000" : "#fff"
}

/** Size a canvas for the screen's pixels; returns a cleared 2-D context in CSS pixels. */
function context(canvas, width, height) {
  const dpr = window.devicePixelRatio || 1
  canvas.width = Math.round(width * dpr)
  canvas.height = Math.round(height * dpr)
  canvas.style.width = `${width}px`
  canvas.style.height = `${height}px`
  const pen = canvas.getContext("2d")
  pen.scale(dpr, dpr)
  pen.textBaseline = "middle"
  return pen
}

const style = (root, name) => getComputedStyle(root).getPropertyValue(name).trim()

/** Put a frame over a cell without repainting the picture. */
function frame(node, box) {
  node.classList.toggle("on", Boolean(box))
  if (!box) return
  node.style.transform = `translate(${box.x}px, ${box.y}px)`
  node.style.width = `${box.w}px`
  node.style.height = `${box.h}px`
  requestAnimationFrame(() => node.classList.add("moved"))
}

/** Make the view once, then update it with each message. view: {update(data), draw()?, pick?}. */
function mount({ data, parentElement, setTriggerValue }, create) {
  const root = parentElement.querySelector(".gb")
  if (!root || !data) return
  const view = (root.view ??= create(root))
  view.pick = (value) => setTriggerValue("picked", value)
  root.dataset.theme = isDark(root) ? "dark" : "light"
  root.setAttribute("aria-label", data.label)
  view.update(data)
  if (!root.watch && view.draw) {
    let width = root.clientWidth
    root.watch = new ResizeObserver(() => {
      if (root.clientWidth === width || !root.clientWidth) return
      width = root.clientWidth
      requestAnimationFrame(view.draw)
    })
    root.watch.observe(root)
    document.fonts?.ready.then(() => view.draw())
  }
  return () => root.watch?.disconnect()
}
