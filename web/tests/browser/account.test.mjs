// What a member does with the account on the page, over a real Berth.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { request } from 'playwright-core'
import { startBerth } from './berth.mjs'
import { openBrowser, openPage, settle } from './browser.mjs'

let berth, browser
before(async () => {
  berth = await startBerth()
  browser = await openBrowser()
})
after(async () => {
  await browser?.close()
  await berth?.close()
})
const kLimit = { timeout: 60_000 }

test('a token for a script: shown once, good for what it says, and no more once revoked', kLimit, async () => {
  const { page, close } = await openPage(browser, { url: berth.url, user: await berth.member() })
  await settle(page, '/ui/account')
  await page.getByRole('button', { name: 'New token' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill('night job')
  await dialog.getByRole('button', { name: 'New token' }).click()
  await page.getByText('Copy it now: it is shown this once.').waitFor()
  await dialog.getByRole('button', { name: 'Copy token' }).click()
  const token = await page.evaluate(() => navigator.clipboard.readText())
  await dialog.getByRole('button', { name: 'Done' }).click()
  await page.getByRole('row', { name: /night job/ }).waitFor()
  assert.doesNotMatch(await page.locator('main').innerText(), new RegExp(token))

  const script = await request.newContext({ baseURL: berth.url, extraHTTPHeaders: { Authorization: `Bearer ${token}` } })
  assert.equal((await script.get('/api/v1/containers')).status(), 200)
  assert.equal((await script.post('/api/v1/containers', { data: { iid: 1, name: 'no', cpu: 1, memory_mb: 64 } })).status(), 403)
  await page.getByRole('button', { name: 'Revoke night job' }).click()
  await page.getByRole('row', { name: /night job/ }).waitFor({ state: 'detached' })
  assert.equal((await script.get('/api/v1/containers')).status(), 401)
  await script.dispose()
  await close()
})

test('a token is copied where there is no clipboard object, which is so without TLS', kLimit, async () => {
  const { page, close } = await openPage(browser, { url: berth.url, user: await berth.member() })
  await page.addInitScript(() => Object.defineProperty(Navigator.prototype, 'clipboard', { value: undefined }))
  await settle(page, '/ui/account')
  const open = () => page.getByRole('button', { name: 'New token' }).click()
  const dialog = page.getByRole('dialog')
  const name = dialog.getByLabel('Name')
  await open()
  await name.fill('by hand')
  await dialog.getByRole('button', { name: 'New token' }).click()
  const token = await dialog.locator('code').innerText()
  await dialog.getByRole('button', { name: 'Copy token' }).click()
  await dialog.getByText('Copied', { exact: true }).waitFor()
  await dialog.getByRole('button', { name: 'Done' }).click()
  await open()
  await name.focus()
  await page.keyboard.press('Control+V')
  assert.equal(await name.inputValue(), token)
  await close()
})

test('another password: the old one is of no use any more, and a wrong one is said at its field', kLimit, async () => {
  const person = await berth.member()
  const { page, close } = await openPage(browser, { url: berth.url, user: person })
  await settle(page, '/ui/account')
  await page.getByLabel('Current password').fill('not this one')
  await page.getByLabel('New password').fill('a better one')
  await page.getByRole('button', { name: 'Change password' }).click()
  await page.getByText('This is not your current password.').waitFor()
  assert.equal(await page.getByLabel('New password').inputValue(), 'a better one')
  await page.getByLabel('Current password').fill(person.password)
  await page.getByRole('button', { name: 'Change password' }).click()
  await page.getByText('The password is changed.').waitFor()
  await berth.logIn({ ...person, password: 'a better one' })
  await assert.rejects(berth.logIn(person), /401/)
  await close()
})
