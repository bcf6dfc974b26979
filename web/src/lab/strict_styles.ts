// xterm.js writes its theme into <style> elements and colours into style attributes, both of which the page's policy
// (style-src 'self') rightly refuses. This document makes the same marks through the CSS object model, which is allowed:
// no rule has to be opened for the whole page because of one part of it.
type Css = { sheet: CSSStyleSheet }

function sheetElement(): HTMLElement {
  const element = Document.prototype.createElement.call(document, 'span') as HTMLElement & Css
  const sheet = new CSSStyleSheet()
  element.hidden = true
  document.adoptedStyleSheets.push(sheet)
  const set = (text: string) => sheet.replaceSync(text)
  Object.defineProperties(element, {
    textContent: { set, get: () => '' },
    innerHTML: { set, get: () => '' },
    sheet: { get: () => sheet },
    remove: {
      value() {
        document.adoptedStyleSheets = document.adoptedStyleSheets.filter((s) => s !== sheet)
        Element.prototype.remove.call(element)
      },
    },
  })
  return element
}

function withStyleAttribute(element: HTMLElement): HTMLElement {
  element.setAttribute = function (name: string, value: string) {
    if (name === 'style') this.style.cssText = value
    else Element.prototype.setAttribute.call(this, name, value)
  }
  return element
}

function createElement(name: string): HTMLElement {
  return name === 'style' ? sheetElement() : withStyleAttribute(document.createElement(name))
}

export function strictDocument(): Document {
  return new Proxy(document, {
    get(target, key) {
      if (key === 'createElement') return createElement
      const value = Reflect.get(target, key, target) as unknown
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

// For the one <style> that is made past `documentOverride`: while `work` runs, the real document does the same.
export function withStrictStyles(work: () => void) {
  const original = document.createElement
  document.createElement = ((name: string, options?: ElementCreationOptions) =>
    name === 'style' ? sheetElement() : original.call(document, name, options)) as typeof document.createElement
  try {
    work()
  } finally {
    document.createElement = original
  }
}
