// With a phone alone: a container made, and everything read that a wide page lists.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startBerth } from './berth.mjs'
import { barriers, kPhone, openBrowser, openPage, settle, widerThanWindow } from './browser.mjs'

let berth, browser, admin
before(async () => {
  berth = await startBerth()
  browser = await openBrowser()
  admin = await berth.admin()
})
after(async () => {
  await browser?.close()
  await berth?.close()
})
const kLimit = { timeout: 60_000 }
const openPhone = (user) => openPage(browser, { url: berth.url, user, viewport: kPhone, touch: true })

test('makes a container, reads and copies its ssh line, and deletes it', kLimit, async () => {
  const { page, close } = await openPhone(await berth.member())
  await settle(page, '/')
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'New' }).tap()
  await page.getByLabel('Name').fill('by thumb')
  await page.getByRole('button', { name: 'Create container' }).tap()
  await page.getByText('It is yours.').waitFor({ timeout: 45_000 })
  const shown = page.locator('.connect code').first()
  const line = await shown.innerText()
  assert.match(line, /^ssh root@\S+ -p \d+$/)
  assert.ok(await shown.evaluate((code) => code.scrollWidth <= code.clientWidth), 'the whole line is to be read')
  await page.getByRole('button', { name: 'Copy ssh command' }).tap()
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), line)
  assert.equal(await widerThanWindow(page), 0)

  await page.getByRole('link', { name: 'Open container' }).tap()
  await page.getByRole('heading', { name: 'by thumb' }).waitFor()
  await page.getByRole('button', { name: 'More for by thumb' }).tap()
  await page.getByRole('menuitem', { name: 'Delete' }).tap()
  await page.getByLabel('Type “by thumb” to confirm').fill('by thumb')
  await page.getByRole('button', { name: 'Delete container' }).tap()
  await page.getByText('No containers yet').waitFor()
  await close()
})

test('what a wide page lists is there, each with its name', kLimit, async () => {
  const { page, close } = await openPhone(admin)
  const said = (row) =>
    row.locator('td:visible').evaluateAll((cells) => cells.map((cell) => `${cell.dataset.label ?? ''} ${cell.innerText}`.trim()).join('\n'))

  await settle(page, '/ui/images')
  assert.match(await said(page.locator('tbody tr').first()), /^From .+\nSaved from .+\nSaved .+/m)

  await settle(page, '/ui/admin/users')
  const users = await said(page.getByRole('row', { name: admin.username }))
  assert.match(users, new RegExp(`^E-mail ${admin.email}$`, 'm'))
  assert.match(users, /^Containers \d+\nCreated .+/m)
  assert.deepEqual(await barriers(page), [])
  assert.equal(await widerThanWindow(page), 0)
  await close()
})
