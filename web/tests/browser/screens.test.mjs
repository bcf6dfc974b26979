// Every screen, in four looks, so that each theme meets each language and each width, over a real Berth (the slow ones in two
// looks): axe finds nothing, nothing is wider than the window, nothing jumps, the page's policy refuses nothing and nobody
// complains in the console.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { eventually, startBerth } from './berth.mjs'
import { barriers, jumps, kPhone, kWide, openBrowser, openPage, widerThanWindow } from './browser.mjs'
import { kScreens, show } from './screens.mjs'

const kStill = 0.02

let berth, browser
const people = {}
before(async () => {
  berth = await startBerth('--gpus', '--matlab')
  browser = await openBrowser()
  people.newcomer = await berth.member('newcomer')
  people.member = await berth.member('member')
  people.admin = await berth.admin()
  await furnish(await berth.logIn(people.member), await berth.logIn(people.admin))
})
after(async () => {
  await browser?.close()
  await berth?.close()
})

// A container that runs, one that rests, an image, MATLAB sessions.
async function furnish(member, admin) {
  const create = (name, gpus) => member('POST', '/containers', { iid: 1, name, cpu: 1, memory_mb: 64, gpus })
  const state = (cid, wanted) => eventually(async () => (await member('GET', `/containers/${cid}`)).state === wanted)
  const runs = await create('running', [1])
  const rests = await create('resting', [2])
  await admin('POST', '/matlab', { first: 1, last: 2 })
  await Promise.all([runs, rests].map(({ cid }) => state(cid, 'running')))
  await member('POST', `/containers/${rests.cid}/stop`)
  await state(rests.cid, 'stopped')
  await member('POST', `/containers/${rests.cid}/image`, { name: 'my-set-up', public: true })
  await eventually(async () => (await member('GET', '/images')).items.find((i) => i.mine && i.state === 'ready'))
}

const looks = [
  { theme: 'light', language: 'en', viewport: kWide },
  { theme: 'dark', language: 'zh-CN', viewport: kPhone },
  { theme: 'dark', language: 'en', viewport: kWide, quick: true },
  { theme: 'light', language: 'zh-CN', viewport: kPhone, quick: true },
]
for (const look of looks) {
  describe(`${look.theme}, ${look.language}, ${look.viewport.width} px`, () => {
    for (const who of new Set(kScreens.map((screen) => screen.who))) {
      let opened
      before(async () => (opened = await openPage(browser, { ...look, url: berth.url, user: people[who] })))
      after(() => opened?.close())
      for (const screen of kScreens.filter((s) => s.who === who && !(look.quick && s.slow))) {
        test(screen.name, { timeout: 30_000 }, async () => {
          const { page, complaints } = opened
          await show(page, screen)
          assert.deepEqual(await barriers(page), [])
          assert.equal(await widerThanWindow(page), 0)
          const moved = await jumps(page)
          assert.ok(moved.sum < kStill, `it jumps by ${moved.sum}: ${moved.worst.join(' | ')}`)
          await screen.after?.(page)
          assert.deepEqual(complaints.splice(0), [])
        })
      }
    }
  })
}
