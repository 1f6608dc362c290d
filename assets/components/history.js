// Back and Forward, with a page's controls in the address. When a page is left, Streamlit first pushes the old
// address without the controls that the next page does not have, then the next page, then that page with its own
// controls: Back would need three presses. Here the old entry keeps its controls, and a page has one entry.
const ARRIVING = 2000, LEAVING = 1000 // milliseconds

export default () => {
  if (window.glassboxHistory) return
  const push = history.pushState.bind(history), replace = history.replaceState.bind(history)
  window.glassboxHistory = true
  let arrived = 0, left = null
  history.pushState = (state, title, url) => {
    const to = new URL(url, location.href), from = new URL(location.href), now = performance.now()
    if (to.pathname !== from.pathname) {
      if (left && now - left.at < LEAVING) replace(left.state, "", left.href)
      left = null
      arrived = now
      return push(state, title, url)
    }
    const falls = [...from.searchParams.keys()].some((name) => !to.searchParams.has(name))
    if (falls) left = { href: from.href, state: history.state, at: now }
    return falls || now - arrived < ARRIVING ? replace(state, title, url) : push(state, title, url)
  }
}
