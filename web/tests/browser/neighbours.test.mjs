// Two people and two GPUs, over an engine that has them: who is too late is told so, and what would fit in its place.
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { eventually, startBerth } from './berth.mjs'
import { openBrowser, openPage, settle } from './browser.mjs'

let berth, browser, rival
before(async () => {
  berth = await startBerth('--gpus')
  browser = await openBrowser()
  rival = await berth.logIn(await berth.member('rival'))
})
after(async () => {
  await browser?.close()
  await berth?.close()
})
afterEach(async () => {
  const { items } = await rival('GET', '/containers')
  for (const { cid } of items) await rival('DELETE', `/containers/${cid}`)
  await eventually(async () => (await rival('GET', '/containers')).items.length === 0)
})

const open = async (path) => {
  const opened = await openPage(browser, { url: berth.url, user: await berth.member() })
  await settle(opened.page, path)
  return opened
}
async function rivalTakes(gid) {
  const { cid } = await rival('POST', '/containers', { iid: 1, name: `took ${gid}`, cpu: 1, memory_mb: 64, gpus: [gid] })
  await eventually(async () => (await rival('GET', `/containers/${cid}`)).state === 'running')
}
const chosen = async (page) => Number(/GPU (\d+)/.exec(await page.locator('.berth.chosen .slip').getAttribute('title'))[1])

test('a free GPU of the overview leads to a container that has it', { timeout: 60_000 }, async () => {
  const { page, close } = await open('/')
  await page.getByRole('heading', { name: '2 of 2 GPUs free' }).waitFor()
  await page.locator('.berth.free a').nth(1).click()
  await page.getByRole('heading', { name: 'New container' }).waitFor()
  assert.equal(await chosen(page), 2)
  await page.getByLabel('Name').fill('with a card')
  await page.getByRole('button', { name: 'Create container' }).click()
  await page.getByText('It is yours.').waitFor()
  await page.getByRole('link', { name: 'Overview' }).click()
  await page.getByRole('heading', { name: '1 of 2 GPUs free' }).waitFor()
  await page.locator('.berth.mine').getByText('you', { exact: true }).waitFor()
  await page.getByRole('link', { name: /with a card/ }).click()
  await page.getByRole('button', { name: 'More for with a card' }).click()
  await page.getByRole('menuitem', { name: 'Delete' }).click()
  await page.getByLabel('Type “with a card” to confirm').fill('with a card')
  await page.getByRole('button', { name: 'Delete container' }).click()
  await page.getByText('No containers yet').waitFor()
  await close()
})

test('a GPU taken while one looks is said at once, and the other one is a click away', { timeout: 60_000 }, async () => {
  const { page, close } = await open('/ui/new')
  await page.getByLabel('Name').fill('still mine')
  assert.equal(await chosen(page), 1)
  await rivalTakes(1)
  await page.getByText('A GPU you chose has just been taken.').waitFor()
  assert.equal(await page.getByRole('button', { name: 'Create container' }).isDisabled(), true)
  await page.getByRole('button', { name: 'Take GPU #2 instead' }).click()
  await page.getByText('This fits.').waitFor()
  assert.equal(await chosen(page), 2)
  assert.equal(await page.getByLabel('Name').inputValue(), 'still mine')
  await close()
})

test('the last GPU lost to somebody else: the refusal says what would fit, and nothing that was typed is lost', { timeout: 60_000 }, async () => {
  await rivalTakes(1)
  const { page, close } = await open('/ui/new')
  await page.getByText('1 of 2 GPUs free').waitFor()
  await page.getByLabel('Name').fill('too late')
  assert.equal(await chosen(page), 2)
  await page.route('**/api/v1/devices*', (route) => route.abort()) // so that the page does not see it coming
  await rivalTakes(2)
  await page.getByRole('button', { name: 'Create container' }).click()
  await page.getByRole('alert').getByText('GPU #2 is not free any more.').waitFor()
  assert.match(await page.locator('.verdict').innerText(), /What would fit there now: \d+ cores?, .*GPUs: none/)
  assert.equal(await page.getByLabel('Name').inputValue(), 'too late')
  await page.unroute('**/api/v1/devices*')
  await close()
})

test('the GPU of a stopped container taken by somebody else: starting says what fits, and takes the other one', { timeout: 90_000 }, async () => {
  const { page, close } = await open('/ui/new?gid=1')
  const mine = async () => (await (await page.request.get('/api/v1/containers')).json()).items[0]
  await page.getByLabel('Name').fill('rests')
  await page.getByRole('button', { name: 'Create container' }).click()
  await page.getByText('It is yours.').waitFor()
  const { cid } = await mine()
  await page.request.post(`/api/v1/containers/${cid}/stop`)
  await eventually(async () => (await mine()).state === 'stopped')

  await settle(page, `/ui/containers/${cid}`)
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('The same GPUs as last time.').waitFor()
  await page.route('**/api/v1/devices*', (route) => route.abort()) // so that the page does not see it coming
  await rivalTakes(1)
  await dialog.getByRole('button', { name: 'Start with 1 GPU' }).click()
  await dialog.getByRole('alert').getByText('GPU #1 is not free any more.').waitFor()
  assert.match(await dialog.locator('.verdict').innerText(), /What would fit there now: \d+ cores?, .*GPUs: #2/)
  await page.unroute('**/api/v1/devices*')
  await dialog.getByRole('button', { name: 'Take GPU #2 instead' }).click({ timeout: 20_000 }) // the machines are read every 10 s
  await dialog.getByText('This fits.').waitFor()
  await dialog.getByRole('button', { name: 'Start with 1 GPU' }).click()
  await dialog.waitFor({ state: 'detached' })
  await eventually(async () => (await mine()).state === 'running')
  assert.deepEqual((await mine()).gpus.map((g) => g.gid), [2])
  await page.request.delete(`/api/v1/containers/${cid}`)
  await eventually(async () => !(await mine()))
  await close()
})

test('a container that cannot start: the engine’s words, and the form again as it was', { timeout: 60_000 }, async () => {
  await berth.brokenImage()
  const { page, close } = await open('/ui/new')
  await page.getByLabel('Name').fill('will fail')
  await page.getByLabel('Image').selectOption({ label: 'broken' })
  await page.getByRole('button', { name: 'Create container' }).click()
  await page.getByText('It did not work, and nothing was left behind.').waitFor()
  await page.getByRole('alert').getByText(/nothing-here/).waitFor()
  await page.getByRole('button', { name: 'Back to the form' }).click()
  assert.equal(await page.getByLabel('Name').inputValue(), 'will fail')
  assert.equal(await page.getByLabel('Image').locator('option:checked').innerText(), 'broken')
  await close()
})
