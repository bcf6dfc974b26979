// What an admin does on the page, over a real Berth.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startBerth } from './berth.mjs'
import { openBrowser, openPage, settle } from './browser.mjs'

let berth, browser, page, close
before(async () => {
  berth = await startBerth('--matlab')
  browser = await openBrowser()
  ;({ page, close } = await openPage(browser, { url: berth.url, user: await berth.admin() }))
})
after(async () => {
  await close?.()
  await browser?.close()
  await berth?.close()
})
const kLimit = { timeout: 60_000 }

test('adds a user, gives another password, and takes the account away', kLimit, async () => {
  const person = berth.newcomer()
  await settle(page, '/ui/admin/users')
  await page.getByRole('button', { name: 'Add user' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('User name').fill(person.username)
  await dialog.getByLabel('E-mail').fill(person.email)
  await dialog.getByLabel('Password').fill(person.password)
  await dialog.getByRole('button', { name: 'Add user' }).click()
  await page.getByRole('row', { name: new RegExp(person.username) }).waitFor()
  await berth.logIn(person)

  await page.getByRole('button', { name: `More for ${person.username}` }).click()
  await page.getByRole('menuitem', { name: 'Reset password' }).click()
  await dialog.getByLabel('Password').fill('another one')
  await dialog.getByRole('button', { name: 'Reset password' }).click()
  await dialog.waitFor({ state: 'detached' })
  await berth.logIn({ ...person, password: 'another one' })
  await assert.rejects(berth.logIn(person), /401/)

  await page.getByRole('switch', { name: `${person.username} may log in` }).click()
  await page.getByRole('switch', { name: `${person.username} may log in`, checked: false }).waitFor()
  await assert.rejects(berth.logIn({ ...person, password: 'another one' }), /401/)
})

test('sees everything that runs, and whose it is', kLimit, async () => {
  const member = await berth.member()
  const call = await berth.logIn(member)
  await settle(page, '/ui/admin/containers')
  const { cid } = await call('POST', '/containers', { iid: 1, name: 'theirs', cpu: 1, memory_mb: 64 })
  await page.getByRole('row', { name: new RegExp(`theirs.*${member.username}|${member.username}.*theirs`) }).getByText('Running').waitFor()
  await call('DELETE', `/containers/${cid}`)
  await page.getByRole('row', { name: /theirs/ }).waitFor({ state: 'detached' })
})

test('makes a class of MATLAB sessions, sees them well, and ends one', kLimit, async () => {
  await settle(page, '/ui/matlab')
  await page.getByLabel('Users').fill('1-3')
  await page.getByRole('button', { name: 'Create', exact: true }).click()
  await page.getByRole('progressbar').waitFor()
  for (const seat of [1, 2, 3]) await page.getByRole('button', { name: `End session ${seat}` }).waitFor()
  await page.getByRole('button', { name: 'End session 3' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('textbox').fill('matlab-user-3')
  await dialog.getByRole('button', { name: 'End session' }).click()
  await page.getByRole('button', { name: 'End session 3' }).waitFor({ state: 'detached' })
})
