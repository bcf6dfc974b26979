// Long histories: the newest first, older ones when asked for, and no claim to be the whole. Over `berth demo`; the history is made up.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { barriers, openPage, settle } from './browser.mjs'
import { kPeople, useDemo } from './demo.mjs'

const lab = useDemo()
const kLimit = { timeout: 60_000 }

const tell = (page, address, count) =>
  page.route(address, (route) => {
    const query = new URL(route.request().url()).searchParams
    const [limit, last] = [Number(query.get('limit')), Number(query.get('after') ?? count + 1)]
    const items = Array.from({ length: Math.min(limit, last - 1) }, (_, n) => ({
      at: new Date().toISOString(), action: 'container.start', by: `person-${last - 1 - n}`, subject: 'cid 1', outcome: 'ok', reason: null,
    }))
    return route.fulfill({ json: { items, next: items.length === limit ? last - limit : null } })
  })

test('the audit says that it is the newest part, and goes back as far as one wants', kLimit, async () => {
  const { page, close } = await openPage(lab.browser, { url: lab.demo.url, user: kPeople.admin })
  await tell(page, '**/api/v1/admin/audit*', 700)
  await settle(page, '/ui/admin/audit')
  await page.getByText('The newest 500.').waitFor()
  await page.getByRole('searchbox').fill('person-700')
  await page.getByText('1 of the newest 500', { exact: true }).waitFor()
  await page.getByRole('searchbox').fill('person-142')
  await page.getByText('Nothing matches among these. There are older ones.').waitFor()
  assert.deepEqual(await barriers(page), [])
  await page.getByRole('button', { name: 'Older' }).click()
  await page.getByText('All 700 that are kept.').waitFor()
  await page.getByRole('cell', { name: 'person-142', exact: true }).waitFor()
  assert.equal(await page.getByRole('button', { name: 'Older' }).count(), 0)
  await close()
})

test("a container's events go back as well; its changed files are read again when asked", kLimit, async () => {
  const { page, close } = await openPage(lab.browser, { url: lab.demo.url, user: kPeople.member })
  const { items } = await (await page.request.get('/api/v1/containers')).json()
  const { cid } = items.find((c) => c.state === 'running')
  await tell(page, '**/api/v1/containers/*/events*', 300)
  await settle(page, `/ui/containers/${cid}/events`)
  await page.getByText('The newest 200.').waitFor()
  await page.getByRole('button', { name: 'Older' }).click()
  await page.getByText('All 300 that are kept.').waitFor()

  await settle(page, `/ui/containers/${cid}/changes`)
  const again = page.waitForResponse('**/changes')
  await page.getByRole('button', { name: 'Refresh' }).click()
  assert.equal((await again).status(), 200)
  await close()
})
