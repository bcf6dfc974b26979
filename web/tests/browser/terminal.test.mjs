// The terminal for somebody who has a keyboard alone, a phone, or a Berth that was restarted meanwhile: over a real Berth.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { eventually, startBerth } from './berth.mjs'
import { barriers, kPhone, openBrowser, openPage, settle } from './browser.mjs'

let berth, browser, member, path
before(async () => {
  berth = await startBerth()
  browser = await openBrowser()
  member = await berth.member()
  const call = await berth.logIn(member)
  const { cid } = await call('POST', '/containers', { iid: 1, name: 'shell', cpu: 1, memory_mb: 64 })
  await eventually(async () => (await call('GET', `/containers/${cid}`)).state === 'running')
  path = `/ui/containers/${cid}/terminal`
})
after(async () => {
  await browser?.close()
  await berth?.close()
})
const kLimit = { timeout: 60_000 }

async function openTerminal(options = {}, prepare = () => {}) {
  const opened = await openPage(browser, { url: berth.url, user: member, ...options })
  await prepare(opened.page)
  await settle(opened.page, path)
  await says(opened.page, '#')
  return opened
}
const says = (page, text) => page.locator('.xterm-rows', { hasText: text }).waitFor()
const inTerminal = (page) => page.evaluate(() => document.activeElement?.matches('.xterm-helper-textarea') ?? false)

async function type(page, line) {
  await page.keyboard.type(line)
  await page.keyboard.press('Enter')
}
// The word is selected as a person would: with two clicks on it.
async function select(page, word) {
  const line = page.locator('.xterm-rows > div').filter({ hasText: new RegExp(`^${word}\\s*$`) }).last()
  await line.dblclick({ position: { x: 8, y: 8 }, force: true }) // what xterm lays over the letters takes the mouse
}

test('copies and pastes with the keys that the hint names', kLimit, async () => {
  const { page, close } = await openTerminal()
  await page.getByText('Copy: Ctrl+Shift+C').waitFor()
  await type(page, 'echo "cop""ied"')
  await says(page, 'copied')
  await select(page, 'copied')
  await page.keyboard.press('Control+Shift+C')
  await eventually(async () => (await page.evaluate(() => navigator.clipboard.readText())) === 'copied')
  await page.keyboard.type('echo "<"')
  await page.keyboard.press('Control+Shift+V')
  await type(page, '">"')
  await says(page, '<copied>')
  await close()
})

test('copies where there is no clipboard object, which is so without TLS', kLimit, async () => {
  const { page, close } = await openTerminal({}, (page) =>
    page.addInitScript(() => Object.defineProperty(Navigator.prototype, 'clipboard', { value: undefined })),
  )
  await type(page, 'echo "the old"" way"')
  await type(page, 'echo "anti""que"')
  await says(page, 'antique')
  await select(page, 'antique')
  await page.keyboard.press('Control+Shift+C')
  assert.equal(await inTerminal(page), true, 'the focus is back where it was')
  await page.keyboard.type('echo "<"')
  await page.keyboard.press('Control+Shift+V')
  await type(page, '">"')
  await says(page, '<antique>')
  await close()
})

test('is left with the keyboard, and entered again', kLimit, async () => {
  const { page, close } = await openTerminal()
  assert.equal(await inTerminal(page), true)
  await page.keyboard.press('Tab')
  assert.equal(await inTerminal(page), true, "Tab is the shell's")
  await page.keyboard.press('Control+Shift+X')
  assert.equal(await inTerminal(page), false)
  await page.keyboard.press('Shift+Tab')
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Changed files')
  for (let n = 0; n < 3 && !(await inTerminal(page)); n++) await page.keyboard.press('Tab')
  assert.equal(await inTerminal(page), true)
  await close()
})

test('is read by a screen reader when one asks for it, and stays so', kLimit, async () => {
  const { page, close } = await openTerminal()
  assert.equal(await page.locator('.xterm-accessibility').count(), 0)
  await page.getByRole('switch', { name: 'For a screen reader' }).click()
  await page.locator('.xterm-accessibility').waitFor({ state: 'attached' })
  assert.deepEqual(await barriers(page), [])
  await page.reload()
  await page.locator('.xterm-accessibility').filter({ hasText: '#' }).waitFor({ state: 'attached' })
  await close()
})

test('phone: the keys that its keyboard lacks', kLimit, async () => {
  const sent = []
  const listen = (page) => page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => sent.push(String(payload))))
  const { page, close } = await openTerminal({ viewport: kPhone, touch: true }, listen)
  const keys = page.getByRole('group', { name: 'More keys' })
  const ctrl = keys.getByRole('button', { name: 'Ctrl' })
  const sends = async (bytes, work) => {
    sent.length = 0
    await work()
    await eventually(() => sent.includes(bytes))
  }
  await ctrl.tap()
  assert.equal(await ctrl.getAttribute('aria-pressed'), 'true')
  await sends('\x03', () => page.keyboard.type('c'))
  assert.equal(await ctrl.getAttribute('aria-pressed'), 'false')
  await sends('c', () => page.keyboard.type('c'))
  for (const [name, bytes] of [['Esc', '\x1b'], ['Tab', '\t'], ['Up', '\x1b[A'], ['Down', '\x1b[B'], ['Right', '\x1b[C'], ['Left', '\x1b[D']]) {
    await sends(bytes, () => keys.getByRole('button', { name }).tap())
  }
  assert.equal(await inTerminal(page), true, "and the phone's own keyboard stays open")
  assert.deepEqual(await barriers(page), [])
  await close()
})

test('opens again by itself after Berth was restarted, and takes the focus from nobody', kLimit, async () => {
  const { page, close } = await openTerminal()
  const status = page.getByRole('region', { name: 'Terminal' }).getByRole('status')
  await type(page, 'echo "befo""re"')
  await says(page, 'before')
  await page.keyboard.press('Control+Shift+X')
  await berth.stop()
  await status.getByText('The connection is lost. Trying again…').waitFor()
  await berth.start()
  await status.getByText('Connected', { exact: true }).waitFor({ timeout: 30_000 })
  await says(page, 'before')
  assert.equal(await inTerminal(page), false)
  await page.locator('.xterm-helper-textarea').focus()
  await type(page, 'echo "aft""er"')
  await says(page, 'after')
  await close()
})
