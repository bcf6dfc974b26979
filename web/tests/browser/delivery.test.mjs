// How the page arrives: small, kept by the browser, and under a policy that allows nothing inline.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startBerth } from './berth.mjs'
import { openBrowser, openPage, settle } from './browser.mjs'

const kFirstLoad = 300 * 1024

let berth, browser, member
before(async () => {
  berth = await startBerth()
  browser = await openBrowser()
  member = await berth.member()
})
after(async () => {
  await browser?.close()
  await berth?.close()
})

test('the first load stays under 300 KB, packed', { timeout: 60_000 }, async () => {
  const { page, context, close } = await openPage(browser, { url: berth.url, user: member })
  const session = await context.newCDPSession(page)
  await session.send('Network.enable')
  let bytes = 0
  let requests = 0
  session.on('Network.loadingFinished', (event) => {
    bytes += event.encodedDataLength
    requests++
  })
  await settle(page, '/')
  const paint = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0].startTime)
  console.log(`first load of the overview: ${Math.round(bytes / 1024)} KB in ${requests} requests, first paint after ${Math.round(paint)} ms`)
  assert.ok(bytes > 0 && bytes < kFirstLoad, `${bytes} bytes`)
  await close()
})

test('what has a hash in its name is kept for ever and not asked for again', { timeout: 60_000 }, async () => {
  const { page, close } = await openPage(browser, { url: berth.url, user: member })
  await settle(page, '/')
  const assets = await page.evaluate(() => performance.getEntriesByType('resource').map((r) => r.name).filter((name) => name.includes('/assets/')))
  assert.ok(assets.length > 3)
  for (const asset of assets) {
    const answer = await page.request.get(asset)
    assert.equal(answer.headers()['cache-control'], 'public, max-age=31536000, immutable', asset)
  }
  await page.goto('/ui/images')
  const again = await page.evaluate(() => performance.getEntriesByType('resource').filter((r) => r.name.includes('/assets/') && r.transferSize > 0).map((r) => r.name))
  assert.deepEqual(again.filter((asset) => assets.includes(asset)), [])
  await close()
})

test('the policy allows no inline script, and the browser holds the page to it', { timeout: 60_000 }, async () => {
  const { page, complaints, close } = await openPage(browser, { url: berth.url, user: member })
  for (const path of ['/', '/docs', '/ui/containers']) {
    const answer = await page.goto(path)
    const policy = answer.headers()['content-security-policy']
    assert.match(policy, /default-src 'none'/)
    assert.match(policy, /script-src 'self'(;|$)/)
    assert.doesNotMatch(policy, /unsafe|\*|data:/)
    assert.equal(await page.locator('script:not([src]), [onclick], [onload]').count(), 0)
  }
  await page.evaluate(() => {
    const script = document.createElement('script')
    script.textContent = 'globalThis.ranInline = true'
    document.body.append(script)
  })
  assert.equal(await page.evaluate(() => globalThis.ranInline), undefined)
  assert.match(complaints.splice(0).join(), /Content Security Policy/)
  await close()
})
