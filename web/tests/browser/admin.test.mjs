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

test('empties a machine: nobody can place anything there until it is opened again', kLimit, async () => {
  const member = await openPage(browser, { url: berth.url, user: await berth.member() })
  await settle(member.page, '/ui/new')
  await settle(page, '/ui/admin/devices')
  await page.getByRole('switch', { name: 'Place containers here' }).click()
  await member.page.getByText('takes nothing new at present').waitFor()
  assert.equal(await member.page.getByRole('button', { name: 'Create container' }).isDisabled(), true)
  await page.getByRole('switch', { name: 'Place containers here' }).click()
  await member.page.getByText('This fits.').waitFor()
  await member.close()
})

const kClassLimit = { timeout: 180_000 }
const kSlow = { timeout: 45_000 }
const dialogOf = async (button) => {
  await page.getByRole('button', { name: button }).click()
  return page.getByRole('dialog')
}

test('makes a class of MATLAB sessions and sees them well', kClassLimit, async () => {
  await settle(page, '/ui/matlab')
  await page.getByLabel('Users').fill('1-3')
  await page.getByRole('button', { name: 'Create', exact: true }).click()
  await page.getByRole('progressbar').waitFor()
  for (const seat of [1, 2, 3]) await page.getByRole('button', { name: `End session ${seat}` }).waitFor()
  await page.getByText(/^Took /).waitFor(kSlow)
})

test('comes back to a class that is being made: how many failed, and whose', kClassLimit, async () => {
  let state = 'running'
  await page.route('**/api/v1/operations*', async (route) => {
    const response = await route.fetch()
    const json = await response.json()
    const made = json.items.find((o) => o.kind === 'matlab.create')
    Object.assign(made, { state, subject: 'matlab-user-1 to matlab-user-4', progress: { done: 3, failed: 1, total: 4 } })
    await route.fulfill({ response, json })
  })
  await page.goto('/ui/matlab')
  await page.getByRole('progressbar', { name: 'matlab-user-1 to matlab-user-4' }).waitFor()
  await page.getByText('1 failed').waitFor()
  state = 'failed'
  await (await dialogOf('Restart session 1')).getByText('What is being computed in it is lost.').waitFor()
  await page.keyboard.press('Enter')
  await page.getByText('Could not be made for: 4.').waitFor()
  await page.getByText('MATLAB session matlab-user-1 was restarted.').waitFor(kSlow)
  await page.unroute('**/api/v1/operations*')
})

test('restarts a class and ends it, with one question each', kClassLimit, async () => {
  await settle(page, '/ui/matlab')
  const users = page.getByLabel('Users')
  await users.fill('1-3')
  const dialog = await dialogOf('Restart a class')
  await dialog.getByText('3 sessions, 3 running.').waitFor()
  await dialog.getByRole('button', { name: 'Restart 3 sessions' }).click()
  await page.getByText('MATLAB sessions 1–3 were restarted.').first().waitFor(kSlow)

  await (await dialogOf('End session 3')).getByRole('button', { name: 'End session' }).click()
  await page.getByRole('button', { name: 'End session 3' }).waitFor({ state: 'detached' })

  // One that cannot be ended is named; the others are.
  const why = { type: 'about:blank', status: 503, code: 'engine', title: 'The engine refused.', title_zh: '', detail: '' }
  await page.route('**/api/v1/matlab/2', (route) => route.fulfill({ status: 503, contentType: 'application/problem+json', json: why }))
  await users.fill('1-30')
  await (await dialogOf('End a class')).getByRole('button', { name: 'End 2 sessions' }).click()
  await page.getByText('User 2: The engine refused.').waitFor(kSlow)
  await page.getByRole('button', { name: 'End session 1' }).waitFor({ state: 'detached', ...kSlow })
  await page.unroute('**/api/v1/matlab/2')
  await users.fill('2')
  await (await dialogOf('End a class')).getByRole('button', { name: 'End session' }).click()
  await page.getByText('No sessions').waitFor(kSlow)
})
