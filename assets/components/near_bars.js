// The nearest, as bars with their values: a click or Enter looks at that one.
export default (component) => mount(component, (root) => {
  const [heading, list] = ["heading", "bars"].map((name) => root.querySelector(`.${name}`))
  let drawn = ""

  function row(data, i) {
    const node = make(data.goes ? "button" : "div", "bar"), track = make("span", "track"), fill = make("span", "fill")
    if (data.goes) {
      node.type = "button"
      node.dataset.i = i
    }
    fill.style.width = `${100 * clamp(data.values[i] / data.most, 0, 1)}%`
    track.append(fill)
    node.append(make("bdi", "name", visible(data.names[i])), track, make("span", "value", data.values[i].toFixed(2).replace("-", "−")))
    return node
  }

  list.onclick = (event) => {
    const node = event.target.closest?.("button.bar")
    if (node) view.pick(Number(node.dataset.i))
  }

  const view = {
    update(data) {
      list.setAttribute("aria-label", data.label)
      heading.textContent = data.heading
      const now = JSON.stringify(data)
      if (now !== drawn) list.replaceChildren(...data.names.map((_, i) => row(data, i)))
      drawn = now
    },
  }
  return view
})
