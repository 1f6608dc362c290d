// What the pictures of a page look like now, each as a number: Plotly's drawing without the names that are new each
// time (its data, where a graphics card draws it), the components' own documents, the pixels of every canvas, tables
// and metrics. Not: sentences, controls, the emblem in the page's head.
() => {
  const main = document.querySelector('[data-testid="stMain"]')
  const found = {}
  const hash = (text) => {
    let low = 5381, high = 52711
    for (let i = 0; i < text.length; i++) {
      low = (Math.imul(low, 33) ^ text.charCodeAt(i)) | 0
      high = (Math.imul(high, 31) + text.charCodeAt(i)) | 0
    }
    return `${text.length}.${low >>> 0}.${high >>> 0}`
  }
  const named = (element, text) => {
    const key = [...(element.closest('[class*="st-key-"]')?.classList ?? [])].find((one) => one.startsWith("st-key-"))
    const name = key?.replace("st-key-", "") ?? element.tagName.toLowerCase()
    found[name] = hash((found[name] ?? "") + text)
  }
  const told = (node, skip) => { // an element with what it holds, attributes in order, without those that only name it
    if (node.nodeType !== Node.ELEMENT_NODE) return node.textContent
    if (node.matches(".hoverlayer, .zoomlayer, .draglayer, defs, style, [role=tooltip]")) return ""
    const facts = [...node.attributes].filter((one) => one.value && !skip.includes(one.name))
      .map(({ name, value }) => `${name}=${name === "class" ? value.split(/\s+/).filter(Boolean).sort() : value.replace(/url\([^)]*\)/g, "url")}`)
    return `<${node.localName} ${facts.sort().join(" ")}>${[...node.childNodes].map((one) => told(one, skip)).join("")}</>`
  }
  const plain = (name, value) =>
    name.startsWith("_") || name === "uid" ? undefined : ArrayBuffer.isView(value) ? [...value] : value
  for (const plot of main.querySelectorAll(".js-plotly-plot")) {
    for (const svg of plot.querySelectorAll(".main-svg")) named(plot, told(svg, ["id", "class", "clip-path"]))
    if (plot.querySelector(".gl-container canvas")) named(plot, JSON.stringify(plot.data, plain))
  }
  for (const one of main.querySelectorAll("*")) {
    const root = one.shadowRoot
    if (!root || one.closest('.st-key-emblem, .st-key-history, [class*="_save"]')) continue
    for (const child of root.children) named(one, told(child, ["id", "tabindex"]))
    for (const canvas of root.querySelectorAll("canvas")) named(one, canvas.width * canvas.height ? canvas.toDataURL() : "")
  }
  for (const one of main.querySelectorAll('table, [data-testid="stMetric"]')) named(one, one.innerHTML)
  return { page: location.pathname, ...found }
}
