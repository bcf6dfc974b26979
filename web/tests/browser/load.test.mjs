// What the page says of load, and when it opens which door: over `berth demo`, whose GPUs work and whose Jupyter takes its time.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { barriers, openBrowser, openPage, settle } from './browser.mjs'
import { kPeople, startDemo } from './demo.mjs'

let demo
let browser
before(async () => {
  demo = await startDemo()
  browser = await openBrowser()
})
after(async () => {
  await browser?.close()
  await demo?.close()
})

const open = (options = {}) => openPage(browser, { url: demo.url, user: kPeople.member, ...options })
const containers = async (page) => (await (await page.request.get('/api/v1/containers')).json()).items
const withGpu = async (page) => (await containers(page)).find((c) => c.state === 'running' && c.gpus.length)

test('a GPU has its curves beside CPU and memory, and its berth shows how busy it is', async () => {
  const { page, close } = await open()
  const { cid } = await withGpu(page)
  await settle(page, `/ui/containers/${cid}`)
  await page.waitForFunction(() => document.querySelectorAll('.figure .u-wrap').length === 4)
  const figures = await page.locator('.figure .head').allInnerTexts()
  assert.match(figures.join('\n'), /CPU\s+[\d.]+ cores?\s+of \d+[^]*Memory\s+[\d.]+\sGB[^]*GPU\s+\d+%[^]*GPU memory\s+[\d.]+\sGB\s+of \d+\sGB/)
  await settle(page, '/')
  assert.match(await page.locator('.mine .slip').first().getAttribute('title'), /yours for .*\d% busy/)
  await close()
})

test('several GPUs are a line each, and their mean in a figure', async () => {
  const { page, close } = await open({ user: kPeople.admin })
  const { items } = await (await page.request.get('/api/v1/admin/containers')).json()
  const { cid, gpus } = items.find((c) => c.gpus.length > 1)
  await settle(page, `/ui/containers/${cid}`)
  await page.getByText(`mean of ${gpus.length}`).waitFor()
  await close()
})

test('GPUs that cannot be read are said to be so, quietly', async () => {
  const { page, close } = await open()
  await page.route('**/usage*', async (route) => {
    const response = await route.fetch()
    const usage = await response.json()
    await route.fulfill({ response, json: { ...usage, gpus_measured: false, gpus: usage.gpus.map((g) => ({ ...g, samples: [] })) } })
  })
  const { cid } = await withGpu(page)
  await settle(page, `/ui/containers/${cid}`)
  await page.getByText('GPU load is not known for a remote device.').waitFor()
  assert.equal(await page.locator('.figure').count(), 2, 'CPU and memory are known all the same')
  assert.deepEqual(await barriers(page), [])
  await close()
})

test('Jupyter can be opened once it answers, ssh before that', async () => {
  const { page, close } = await open()
  await settle(page, '/ui/new')
  await page.locator('form .button.primary').click()
  const jupyter = page.locator('.connect a', { hasText: 'Jupyter' })
  await jupyter.waitFor()
  assert.match(await page.locator('.connect code').first().innerText(), /^ssh root@/)
  assert.equal(await jupyter.getAttribute('href'), null)
  assert.match(await jupyter.innerText(), /Jupyter is starting/)
  assert.deepEqual(await barriers(page), [])
  await page.getByText('It is yours.').waitFor()
  assert.match(await jupyter.getAttribute('href'), /^http:\/\//)
  await close()
})
