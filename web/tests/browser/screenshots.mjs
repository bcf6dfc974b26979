// Pictures of every screen: node tests/browser/screenshots.mjs FOLDER [SCREEN...]
// SHOT_LANGUAGE, SHOT_THEME and SHOT_SIZE (wide, phone) narrow it down. A complaint of the page counts as a failure.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { serve } from '../../mock/server.mjs'
import { kPhone, kWide, openBrowser, openPage } from './browser.mjs'
import { kScreens, show } from './screens.mjs'

const kPeople = {
  admin: { username: 'prof.liu', password: 'berth-demo' },
  member: { username: 'lin.wei', password: 'berth-demo' },
  newcomer: { username: 'wang.xin', email: 'wang.xin@lab.example.edu', password: 'berth-demo' },
}
const [folder = 'screenshots', ...names] = process.argv.slice(2)
const only = (list, name) => (process.env[name] ? list.filter((item) => item === process.env[name]) : list)
const kSizes = { wide: kWide, phone: kPhone }

const lab = process.env.BERTH_URL ? { url: process.env.BERTH_URL.replace(/\/$/, ''), close() {} } : await serve({ port: 0 })
const browser = await openBrowser()
let failures = 0
function failed(where, why) {
  failures++
  console.error(`${where}: ${why}`)
}

// The whole screen is in the window for the picture, so that what clings to its edge stays there.
async function grow(page, screen) {
  if (screen.dialog || screen.long) return
  const { width, height } = page.viewportSize()
  const whole = await page.evaluate(() => document.documentElement.scrollHeight)
  if (whole > height) await page.setViewportSize({ width, height: whole })
}

async function pictures(at, who, look) {
  const screens = kScreens.filter((s) => s.who === who && (!names.length || names.includes(s.name)))
  if (!screens.length) return
  const { page, context, complaints } = await openPage(browser, { ...look, url: lab.url, user: kPeople[who] })
  for (const screen of screens) {
    const path = join(at, `${screen.name}.png`)
    try {
      await show(page, screen)
      await grow(page, screen)
      await page.screenshot({ path })
      await screen.after?.(page)
      await page.setViewportSize(look.viewport)
    } catch (error) {
      failed(path, error.message.split('\n')[0])
    }
    for (const complaint of complaints.splice(0)) failed(path, complaint)
  }
  await context.close()
}


await fetch(`${lab.url}/api/v1/register`, {
  method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(kPeople.newcomer),
}) // there already: fine
for (const size of only(Object.keys(kSizes), 'SHOT_SIZE')) {
  for (const language of only(['en', 'zh-CN'], 'SHOT_LANGUAGE')) {
    for (const theme of only(['light', 'dark'], 'SHOT_THEME')) {
      const at = join(folder, `${size}-${language}-${theme}`)
      mkdirSync(at, { recursive: true })
      for (const who of new Set(kScreens.map((s) => s.who))) await pictures(at, who, { language, theme, viewport: kSizes[size] })
    }
  }
}
await browser.close()
lab.close()
process.exit(failures ? 1 : 0)
