// Saves the picture next door: a plotly figure through plotly's own export, our canvases as they are painted.
export default (component) => mount(component, (root) => {
  /** Everything below a node, shadow trees included. */
  function* within(node) {
    for (const child of node.querySelectorAll("*")) {
      yield child
      if (child.shadowRoot) yield* within(child.shadowRoot)
    }
  }

  function savePlot(plot, format, name) {
    const { clientWidth: width, clientHeight: height } = plot
    plot._context.toImageButtonOptions = { format, filename: name, width, height, scale: format === "png" ? 2 : 1 }
    plot.querySelector('.modebar-btn[data-title*="ownload"]')?.click() // hidden, but there: the way plotly exports
  }

  /** A canvas has no ground of its own: put the page's under it. */
  function saveCanvas(canvas, name) {
    const copy = make("canvas"), pen = copy.getContext("2d")
    copy.width = canvas.width
    copy.height = canvas.height
    pen.fillStyle = style(root, "--st-background-color") || "#fff"
    pen.fillRect(0, 0, copy.width, copy.height)
    pen.drawImage(canvas, 0, 0)
    const link = make("a")
    link.href = copy.toDataURL("image/png")
    link.download = `${name}.png`
    link.click()
  }

  function save(of, format) {
    const place = document.querySelector(`.st-key-${CSS.escape(of)}`)
    if (!place) return
    const plot = place.querySelector(".js-plotly-plot")
    if (plot) return savePlot(plot, format, of)
    const canvases = [...within(place)].filter((node) => node.tagName === "CANVAS" && node.width * node.height)
    const largest = canvases.sort((one, other) => other.width * other.height - one.width * one.height)[0]
    if (largest) saveCanvas(largest, of)
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
