// Code as it stands in core: coloured, the lines that matter lit, the shapes of this moment at their ends.
export default (component) => mount(component, (root) => ({
  update(data) {
    root.querySelector(".code").replaceChildren(...data.lines.map((line) => {
      const row = make("div", `line${line.lit ? " lit" : ""}`), code = row.appendChild(make("code"))
      code.append(...line.spans.map(([kind, text]) => (kind ? make("span", kind, text) : text)))
      if (!line.spans.length) code.append("\u200b") // so that an empty line has its height
      if (line.shape) row.append(make("span", "shape", line.shape))
      return row
    }))
  },
}))
