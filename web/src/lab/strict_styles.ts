// xterm.js writes its theme into <style> elements and true colours into style attributes, both of which the page's
// policy (style-src 'self') rightly refuses. While a terminal is on the page, the elements that are made do the same
// through the CSS object model, which is allowed: no rule is opened for the whole page because of one part of it.
type Make = typeof document.createElement
let users = 0
let original: Make | null = null

function sheetElement(make: Make): HTMLElement {
  const element = make.call(document, 'span')
  const sheet = new CSSStyleSheet()
  element.hidden = true
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet]
  const set = (text: string) => sheet.replaceSync(text)
  Object.defineProperties(element, {
    textContent: { set, get: () => '' },
    innerHTML: { set, get: () => '' },
    sheet: { get: () => sheet },
    remove: {
      value() {
        document.adoptedStyleSheets = document.adoptedStyleSheets.filter((other) => other !== sheet)
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

export function beginStrictStyles() {
  if (users++ > 0) return
  const make = (original = document.createElement)
  document.createElement = ((name: string, options?: ElementCreationOptions) => {
    if (name === 'style') return sheetElement(make)
    const element = make.call(document, name, options)
    return name === 'span' ? withStyleAttribute(element) : element
  }) as Make
}

export function endStrictStyles() {
  if (--users === 0 && original) document.createElement = original
}
