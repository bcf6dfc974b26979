// Every screen, in both themes, wide and phone: axe finds nothing, nothing is wider than the window, the page's policy
// refuses nothing and nobody complains in the console.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { kAxe, kPhone, kScreens, kWide, openBrowser, openLab, openPage, show } from './harness.mjs'

let lab, browser
before(async () => {
  lab = await openLab()
  browser = await openBrowser()
})
after(async () => {
  await browser?.close()
  lab?.close()
})

const looks = [
  { theme: 'light', language: 'en', viewport: kWide },
  { theme: 'dark', language: 'zh-CN', viewport: kWide },
  { theme: 'light', language: 'zh-CN', viewport: kPhone },
  { theme: 'dark', language: 'en', viewport: kPhone },
]

for (const look of looks) {
  describe(`${look.theme} ${look.language} ${look.viewport.width}px`, () => {
    for (const user of [...new Set(kScreens.map((s) => s.user))]) {
      const screens = kScreens.filter((s) => s.user === user)
      test(`${user?.username ?? 'nobody'}: ${screens.map((s) => s.name).join(', ')}`, { timeout: 240_000 }, async (t) => {
        const { page, context, complaints } = await openPage(browser, { ...look, user, url: lab.url })
        for (const screen of screens) {
          await t.test(screen.name, async () => {
            await show(page, screen)
            await page.evaluate(kAxe)
            const found = await page.evaluate(async () => (await globalThis.axe.run(document, { resultTypes: ['violations'] })).violations)
            assert.deepEqual(found.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 160)).join(' | ')}`), [])
            const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
            assert.ok(wide <= 0, `${wide} px wider than the window`)
            await screen.after?.(page)
            assert.deepEqual(complaints.splice(0), [])
          })
        }
        await context.close()
      })
    }
  })
}
