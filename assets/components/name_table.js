// The names of a file's tensors beside ours: what is done on the way in the middle, a cut into thirds as a drawing.
const PARTS = { query: "Q", key: "K", value: "V" }

function cell(className, ...children) {
  const node = make("div", className)
  node.setAttribute("role", "cell")
  node.append(...children)
  return node
}

/** A name in mono, that breaks after a dot where it has to. */
function nameOf(name, className = "name") {
  const node = make("span", `mono ${className}`)
  name.split(/(?<=\.)/).forEach((part, i) => node.append(...(i ? [make("wbr")] : []), part))
  return node
}

function side(name, shape, part) {
  const node = make("div", "side")
  if (part) node.append(make("b", `sign ${part}`, PARTS[part]))
  node.append(nameOf(name), make("span", "mono shape", shape))
  return node
}

/** One matrix in three coloured thirds, as it lies in the file. */
function thirds(line) {
  const node = make("span", `thirds ${line.wide ? "wide" : "tall"}`)
  node.setAttribute("aria-hidden", "true")
  for (const target of line.targets) node.append(make("i", target.part, PARTS[target.part]))
  return node
}

/** What becomes of a tensor; many that the file has not are named together. */
function places(line) {
  if (!line.targets.length) return [make("span", "none", "–")]
  if (!line.name && line.targets.length > 1) {
    return [make("span", "mono name", line.targets.map((target) => target.name).join(", "))]
  }
  return line.targets.map((target) => side(target.name, target.shape, target.part))
}

function row(line) {
  const node = make("div", "line")
  node.setAttribute("role", "row")
  const how = cell(line.how === "as it is" ? "how plain" : "how")
  if (line.targets.length === 3 && line.targets[0].part) how.append(thirds(line))
  how.append(make("span", "", line.how))
  const theirs = line.name ? side(line.name, line.shape) : make("span", "none", "not in the file")
  node.append(cell("theirs", theirs), how, cell("ours", ...places(line)))
  return node
}

function title(group) {
  const node = make("div", "line title")
  node.append(nameOf(group.theirs, "path"), make("b", "how", group.title), nameOf(group.ours, "path"))
  return node
}

export default (component) => mount(component, (root) => {
  const table = root.querySelector(".names")
  return {
    update(data) {
      table.setAttribute("aria-label", data.label)
      const head = make("div", "line head")
      head.append(make("span", "", "In the file"), make("span", "how", "What is done"), make("span", "", "In Glassbox"))
      table.replaceChildren(head)
      for (const group of data.groups) table.append(title(group), ...group.lines.map(row))
    },
  }
})
