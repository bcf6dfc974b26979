// `berth demo` says on every screen that it is one, and whom to log in as.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openPage, settle } from './browser.mjs'
import { kPeople, useDemo } from './demo.mjs'
import { kScreens } from './screens.mjs'

const lab = useDemo()

test('the demo says so on every screen', { timeout: 120_000 }, async () => {
  for (const who of new Set(kScreens.map((screen) => screen.who))) {
    const { page, close } = await openPage(lab.browser, { url: lab.demo.url, user: kPeople[who] })
    const seen = new Set()
    for (const { path } of kScreens.filter((screen) => screen.who === who)) {
      const at = typeof path === 'function' ? await path(page) : path
      if (seen.has(at)) continue
      seen.add(at)
      await settle(page, at)
      const told = page.getByRole('complementary', { name: 'About this Berth' })
      assert.ok(await told.isVisible(), `nothing is said at ${at}`)
      assert.match(await told.innerText(), /Nothing here is real.*lin\.wei.*prof\.liu \(admin\); password/)
    }
    await close()
  }
})
