import type { Terminal } from '@xterm/xterm'

export type Key = 'escape' | 'tab' | 'left' | 'up' | 'down' | 'right'
const kArrows = { up: 'A', down: 'B', right: 'C', left: 'D' }

// What a terminal sends for a key; its arrows depend on what runs in it.
export function bytesOf(key: Key, applicationCursor: boolean): string {
  if (key === 'escape') return '\x1b'
  if (key === 'tab') return '\t'
  return `\x1b${applicationCursor ? 'O' : '['}${kArrows[key]}`
}

// A typed character as if Ctrl were held with it, where there is such a thing.
export const withCtrl = (text: string) => (/^[@-_a-z]$/.test(text) ? String.fromCharCode(text.toUpperCase().charCodeAt(0) & 0x1f) : text)

// The keys that are the page's and not the shell's, all with Ctrl and Shift. Those for Paste are the browser's own.
export function takeKeys(terminal: Terminal, own: Record<string, () => void>) {
  terminal.attachCustomKeyEventHandler((event) => {
    if (!event.ctrlKey || !event.shiftKey || event.altKey || event.metaKey) return true
    const key = event.key.toLowerCase()
    if (key === 'v') return false
    if (!own[key]) return true
    event.preventDefault() // the browser's own meaning of it, such as its developer tools
    if (event.type === 'keydown') own[key]()
    return false
  })
}
