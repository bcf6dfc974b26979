// Whether it is on the clipboard now. Without TLS a page has no clipboard object, only the old way: a field that holds the
// text and has the focus, which an open dialog lets nothing outside itself have.
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    const before = document.activeElement as HTMLElement | null
    const area = document.createElement('textarea')
    area.className = 'sr'
    area.value = text
    ;(before?.closest('[role=dialog]') ?? document.body).append(area)
    area.select()
    const done = document.execCommand('copy')
    area.remove()
    before?.focus()
    return done
  }
}
