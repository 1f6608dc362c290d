// Saves the picture next door: a plotly figure through plotly's own export, ours drawn again as they stand on the page,
// box by box and line by line, as an SVG that needs no style sheet; a PNG is made of that.
const SVG = "http://www.w3.org/2000/svg"
const PAD = 12 // pixels around a picture
const COPIED = ["fill", "fill-opacity", "stroke", "stroke-opacity", "stroke-width", "stroke-linecap", "stroke-linejoin",
  "stroke-dasharray", "opacity", "font-family", "font-size", "font-weight", "font-style", "text-anchor", "dominant-baseline"]

function shape(name, attributes) {
  const node = document.createElementNS(SVG, name)
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, typeof value === "number" ? +value.toFixed(2) : value)
  return node
}

/** Any way to write a colour as #rrggbb and how opaque it is: what other programs can read. */
const pixel = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true })
const read = new Map()
function colour(text) {
  if (!read.has(text)) {
    pixel.clearRect(0, 0, 1, 1)
    pixel.fillStyle = "rgba(0, 0, 0, 0)"
    pixel.fillStyle = text
    pixel.fillRect(0, 0, 1, 1)
    const [r, g, b, a] = pixel.getImageData(0, 0, 1, 1).data
    read.set(text, { ink: "#" + [r, g, b].map((part) => part.toString(16).padStart(2, "0")).join(""), alpha: a / 255 })
  }
  return read.get(text)
}
const COLOUR = /(?:rgba?|hsla?|color|oklab|oklch)\([^)]*\)|#[0-9a-f]{3,8}/gi

/** What is drawn goes through here: it knows where the picture begins and how far it reaches. */
function drawing(home) {
  const root = shape("svg", { xmlns: SVG }), defs = root.appendChild(shape("defs", {}))
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity]
  return {
    root, defs, home,
    reach(box) {
      left = Math.min(left, box.left - home.left)
      top = Math.min(top, box.top - home.top)
      right = Math.max(right, box.right - home.left)
      bottom = Math.max(bottom, box.bottom - home.top)
    },
    end(ground) {
      const [x, y, width, height] = [left - PAD, top - PAD, right - left + 2 * PAD, bottom - top + 2 * PAD].map(Math.round)
      defs.after(shape("rect", { x, y, width, height, fill: ground }))
      for (const [key, value] of Object.entries({ width, height, viewBox: `${x} ${y} ${width} ${height}` })) root.setAttribute(key, value)
      return root
    },
  }
}

/** A rectangle cut to what may be seen of it. */
function cut(box, clip) {
  const [left, top] = [Math.max(box.left, clip.left), Math.max(box.top, clip.top)]
  const [right, bottom] = [Math.min(box.right, clip.right), Math.min(box.bottom, clip.bottom)]
  return { left, top, right, bottom, width: Math.max(0, right - left), height: Math.max(0, bottom - top) }
}

/** Colours in a row, or slanted lines: an element's background as something to fill with. */
function pattern(image, page) {
  const id = `fill${page.defs.children.length}`, colours = image.match(COLOUR) ?? []
  if (!colours.length) return null
  if (image.startsWith("repeating")) {
    const { ink, alpha } = colour(colours.at(-1))
    const hatch = shape("pattern", { id, width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" })
    hatch.append(shape("rect", { width: 1.2, height: 6, fill: ink, "fill-opacity": alpha }))
    page.defs.append(hatch)
  } else {
    const steps = shape("linearGradient", { id })
    colours.forEach((one, i) => steps.append(shape("stop", { offset: i / Math.max(1, colours.length - 1), "stop-color": colour(one).ink, "stop-opacity": colour(one).alpha })))
    page.defs.append(steps)
  }
  return `url(#${id})`
}

function box(node, look, clip, into, page) {
  const whole = node.getBoundingClientRect(), seen = cut(whole, clip)
  if (!seen.width || !seen.height) return
  const round = Math.min(parseFloat(look.borderTopLeftRadius) || 0, seen.height / 2, seen.width / 2)
  const rect = (grow, attributes) => into.append(shape("rect", { x: seen.left - page.home.left - grow, y: seen.top - page.home.top - grow,
    width: seen.width + 2 * grow, height: seen.height + 2 * grow, rx: Math.max(0, round + grow), ...attributes }))
  const painted = { ground: colour(look.backgroundColor), image: look.backgroundImage === "none" ? null : pattern(look.backgroundImage, page) }
  for (const [, ink, far, inset] of look.boxShadow.matchAll(/(\S+\(.*?\)) 0px 0px 0px ([\d.]+)px( inset)?/g)) { // rings around it
    const width = parseFloat(far), { ink: stroke, alpha } = colour(ink)
    if (alpha && width) rect(inset ? -width / 2 : width / 2, { fill: "none", stroke, "stroke-opacity": alpha, "stroke-width": width })
  }
  if (painted.ground.alpha) rect(0, { fill: painted.ground.ink, "fill-opacity": painted.ground.alpha })
  if (painted.image) rect(0, { fill: painted.image })
  const sides = ["Top", "Right", "Bottom", "Left"].map((side) => ({ width: parseFloat(look[`border${side}Width`]), ...colour(look[`border${side}Color`]), kind: look[`border${side}Style`] }))
  const line = ({ ink, alpha, width, kind }) => ({ fill: "none", stroke: ink, "stroke-opacity": alpha, "stroke-width": width, ...(kind === "dashed" ? { "stroke-dasharray": `${2 * width} ${2 * width}` } : {}) })
  const there = sides.map((side) => side.width > 0 && side.alpha > 0 && side.kind !== "none")
  if (there.every(Boolean) && sides.every((side) => side.width === sides[0].width && side.ink === sides[0].ink)) rect(-sides[0].width / 2, line(sides[0]))
  else sides.forEach((side, i) => {
    if (!there[i]) return
    const [x, y] = [seen.left - page.home.left, seen.top - page.home.top], h = side.width / 2
    const [x1, y1, x2, y2] = [[x, y + h, x + seen.width, y + h], [x + seen.width - h, y, x + seen.width - h, y + seen.height],
      [x, y + seen.height - h, x + seen.width, y + seen.height - h], [x + h, y, x + h, y + seen.height]][i]
    into.append(shape("line", { x1, y1, x2, y2, ...line(side) }))
  })
  if (into.lastChild && (painted.ground.alpha || painted.image || there.some(Boolean))) page.reach(seen)
}

/** The lines of a text, each with the place where it stands. */
function linesOf(node) {
  const range = document.createRange(), lines = []
  range.selectNodeContents(node)
  if (range.getClientRects().length === 1) return [{ text: node.data, at: range.getBoundingClientRect() }]
  let start = 0
  for (const letter of node.data) {
    range.setStart(node, start)
    range.setEnd(node, (start += letter.length))
    const at = [...range.getClientRects()].at(-1), last = lines.at(-1)
    if (!at) continue
    if (last && Math.abs(last.at.top - at.top) < at.height / 2) {
      last.text += letter
      last.at = { left: Math.min(last.at.left, at.left), top: last.at.top, right: Math.max(last.at.right, at.right), bottom: last.at.bottom }
    } else lines.push({ text: letter, at })
  }
  return lines
}

/** White space as it stands on the page: within a line, but not at its ends, unless it takes room there. */
function collapsed(text, width) {
  const all = text.replace(/\s+/g, " "), ways = [all.trim(), all.trimStart(), all.trimEnd(), all]
  const off = (way) => Math.abs(pixel.measureText(way).width - width)
  return ways.reduce((best, way) => (off(way) < off(best) - 0.5 ? way : best))
}

function text(node, clip, into, page) {
  const look = getComputedStyle(node.parentElement), kept = look.whiteSpace.startsWith("pre")
  pixel.font = `${look.fontStyle} ${look.fontWeight} ${look.fontSize} ${look.fontFamily}`
  const { fontBoundingBoxAscent: up, fontBoundingBoxDescent: down } = pixel.measureText("x")
  const { ink, alpha } = colour(look.color)
  for (const line of linesOf(node)) {
    const { left, top, bottom } = line.at
    let words = kept ? line.text : collapsed(line.text, line.at.right - left), { right } = line.at
    if (!words.trim() || left >= clip.right || top + (bottom - top) / 2 > clip.bottom || right <= clip.left) continue
    if (right > clip.right + 1) { // as the page does where there is no room
      const all = [...words], fit = Math.floor((all.length * (clip.right - left)) / (right - left)) - 1
      words = all.slice(0, Math.max(0, fit)).join("") + "…"
      right = clip.right
    }
    const written = shape("text", { x: (left + right) / 2 - page.home.left, y: top + ((bottom - top) * up) / (up + down) - page.home.top, "text-anchor": "middle",
      "font-family": look.fontFamily, "font-size": look.fontSize, "font-weight": look.fontWeight, "font-style": look.fontStyle, fill: ink, "fill-opacity": alpha,
      ...([...words].length > 1 ? { textLength: right - left, lengthAdjust: "spacingAndGlyphs" } : {}), // in another font too it takes the same room
      ...(look.textDecorationLine === "none" ? {} : { "text-decoration": look.textDecorationLine }) })
    written.setAttribute("style", "white-space: pre")
    written.textContent = words
    into.append(written)
    page.reach({ left, top, right, bottom })
  }
}

/** Lines that are an SVG on the page: the same, each with the style that the page gives it. */
function lines(node, into, page) {
  const copy = node.cloneNode(true), at = node.getBoundingClientRect()
  const originals = [node, ...node.querySelectorAll("*")], copies = [copy, ...copy.querySelectorAll("*")]
  originals.forEach((one, i) => {
    const look = getComputedStyle(one)
    for (const { name } of [...copies[i].attributes]) if (/^(class|style|role|tabindex|aria-.*|data-.*)$/.test(name)) copies[i].removeAttribute(name)
    for (const name of COPIED) {
      const value = look.getPropertyValue(name), inked = /^(fill|stroke)$/.test(name) && value.match(/^(rgb|color|#|hsl|okl)/)
      copies[i].setAttribute(name, inked ? colour(value).ink : value)
      if (inked && colour(value).alpha < 1) copies[i].setAttribute(`${name}-opacity`, colour(value).alpha)
    }
  })
  for (const [key, value] of Object.entries({ x: at.left - page.home.left, y: at.top - page.home.top, width: at.width, height: at.height, overflow: "visible" })) copy.setAttribute(key, value)
  into.append(copy)
  page.reach(at)
}

function canvas(node, into, page) {
  const at = node.getBoundingClientRect()
  if (!node.width || !node.height || !at.width) return
  const image = shape("image", { x: at.left - page.home.left, y: at.top - page.home.top, width: at.width, height: at.height, preserveAspectRatio: "none", href: node.toDataURL() })
  if (node.width < at.width / 2) image.setAttribute("style", "image-rendering: pixelated") // one pixel a cell
  into.append(image)
  page.reach(at)
}

function put(node, clip, into, page) {
  if (node.nodeType === Node.TEXT_NODE) return node.data.trim() && text(node, clip, into, page)
  if (node.nodeType !== Node.ELEMENT_NODE || node.matches("style, script, .zoom")) return
  const look = getComputedStyle(node)
  if (look.display === "none" || look.visibility === "hidden" || look.opacity === "0") return
  const name = node.tagName.toLowerCase()
  if (look.opacity !== "1") into = into.appendChild(shape("g", { opacity: look.opacity }))
  if (name === "svg") return lines(node, into, page)
  if (name === "canvas") return canvas(node, into, page)
  if (look.display !== "contents") box(node, look, clip, into, page)
  const { left, top, right, bottom } = node.getBoundingClientRect(), wide = parseFloat(look.paddingRight) || 0
  if (look.overflowX === "hidden") clip = { ...clip, left: Math.max(clip.left, left), right: Math.min(clip.right, right - wide) }
  if (look.overflowY === "hidden") clip = { ...clip, top: Math.max(clip.top, top), bottom: Math.min(clip.bottom, bottom) }
  for (const child of node.childNodes) put(child, clip, into, page)
}

/** Scrolled to the start and nothing held in place while it is drawn: what is out of sight belongs to it too. */
function atRest(root, draw) {
  const all = [root, ...root.querySelectorAll("*")]
  const moved = all.filter((node) => node.scrollLeft || node.scrollTop).map((node) => [node, node.scrollLeft, node.scrollTop])
  const held = all.filter((node) => getComputedStyle(node).position === "sticky").map((node) => [node, node.style.position])
  moved.forEach(([node]) => node.scrollTo(0, 0))
  held.forEach(([node]) => (node.style.position = "relative"))
  held.forEach(([node]) => (node.style.inset = "auto"))
  try {
    return draw()
  } finally {
    held.forEach(([node, position]) => Object.assign(node.style, { position, inset: "" }))
    moved.forEach(([node, left, top]) => node.scrollTo(left, top))
  }
}

/** Canvases are painted once more, for a screen that is twice as fine, while they are copied. */
function sharp(root, draw) {
  const own = Object.getOwnPropertyDescriptor(window, "devicePixelRatio"), repaint = root.view?.draw
  if (!own?.configurable || !repaint || window.devicePixelRatio >= 2 || !root.querySelector("canvas")) return draw()
  Object.defineProperty(window, "devicePixelRatio", { value: 2, configurable: true })
  try {
    repaint()
    return draw()
  } finally {
    Object.defineProperty(window, "devicePixelRatio", own)
    repaint()
  }
}

function drawn(root, ground) {
  return atRest(root, () => sharp(root, () => {
    const page = drawing(root.getBoundingClientRect()), all = { left: -1e6, top: -1e6, right: 1e6, bottom: 1e6 }
    for (const child of root.childNodes) put(child, all, page.root, page)
    return page.end(ground)
  }))
}

function download(href, name) {
  const link = Object.assign(document.createElement("a"), { href, download: name })
  link.click()
  setTimeout(() => URL.revokeObjectURL(href), 60000)
}

/** The fonts of the page as a style sheet that holds them: an image may load nothing from outside. */
let sheet
const fonts = () => (sheet ??= Promise.all([...document.styleSheets].flatMap((one) => [...one.cssRules])
  .filter((rule) => rule instanceof CSSFontFaceRule && /Source (Sans|Code)/.test(rule.cssText) && rule.style.getPropertyValue("font-style") !== "italic")
  .map(async (rule) => {
    const [written, address] = rule.cssText.match(/url\("?([^")]+)"?\)/)
    const bytes = new Uint8Array(await (await fetch(new URL(address, rule.parentStyleSheet.href ?? document.baseURI))).arrayBuffer())
    return rule.cssText.replace(written, `url("data:font/woff2;base64,${btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))}")`)
  })).then((rules) => rules.join("\n")).catch(() => ""))

/** The SVG as an image, painted larger. */
async function painted(svg, scale) {
  const image = new Image(), paper = document.createElement("canvas")
  svg.querySelector("defs").append(Object.assign(shape("style", {}), { textContent: await fonts() }))
  image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(new XMLSerializer().serializeToString(svg))
  await image.decode()
  paper.width = svg.getAttribute("width") * scale
  paper.height = svg.getAttribute("height") * scale
  paper.getContext("2d").drawImage(image, 0, 0, paper.width, paper.height)
  return new Promise((done) => paper.toBlob(done, "image/png"))
}

export default (component) => mount(component, (root) => {
  const ground = () => colour(style(root, "--st-background-color") || "#fff").ink

  /** Plotly exports what its layout says at that moment: for that moment it has the page's ground. */
  function savePlot(plot, format, name) {
    const { clientWidth: width, clientHeight: height } = plot, { paper_bgcolor: before } = plot.layout
    plot._context.toImageButtonOptions = { format, filename: name, width, height, scale: format === "png" ? 2 : 1 }
    plot.layout.paper_bgcolor = ground()
    window.addEventListener("click", stay, true)
    try { // hidden, but there: the way plotly exports
      plot.querySelector('.modebar-btn[data-title*="ownload"]')?.dispatchEvent(new MouseEvent("click"))
    } finally {
      plot.layout.paper_bgcolor = before
    }
  }

  /** Plotly clicks a link somewhere else on the page: that is no reason to close the menu. */
  function stay(event) {
    if (!event.target.matches?.("a[download]")) return
    event.stopPropagation()
    window.removeEventListener("click", stay, true)
  }

  function* within(node) {
    for (const child of node.querySelectorAll("*")) {
      yield child
      if (child.shadowRoot) yield* within(child.shadowRoot)
    }
  }

  async function save(of, format) {
    const place = document.querySelector(`.st-key-${CSS.escape(of)}`)
    const plot = place?.querySelector(".js-plotly-plot")
    if (plot) return savePlot(plot, format, of)
    const picture = place && [...within(place)].find((node) => node.classList.contains("gb"))
    if (!picture) return
    const svg = drawn(picture, ground())
    const file = format === "svg" ? new Blob([new XMLSerializer().serializeToString(svg)], { type: "image/svg+xml" }) : await painted(svg, 2)
    download(URL.createObjectURL(file), `${of}.${format}`)
  }

  return {
    update(data) {
      root.replaceChildren(...data.formats.map((format) => {
        const button = make("button", "", format.toUpperCase())
        button.type = "button"
        button.onclick = () => save(data.of, format)
        return button
      }))
    },
  }
})
