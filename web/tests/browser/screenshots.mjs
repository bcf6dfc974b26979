// Pictures of `berth demo`: node tests/browser/screenshots.mjs FOLDER [SCREEN...]
// All screens in both languages and themes, wide and phone; SHOT_LANGUAGE, SHOT_THEME and SHOT_SIZE (wide, phone) narrow it
// down. With SHOT_BEST only those that stand in the README, small. A complaint of the page counts as a failure.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { kPhone, kWide, openBrowser, openPage } from './browser.mjs'
import { kPeople, startDemo } from './demo.mjs'
import { kScreens, show } from './screens.mjs'

const [folder, ...names] = process.argv.slice(2)
const only = (list, name) => (process.env[name] ? list.filter((item) => item === process.env[name]) : list)
const kSizes = { wide: kWide, phone: kPhone }
const kBestSize = { width: 1440, height: 1000 } // where the whole of them is to be seen
const kLanguages = ['en', 'zh-CN']
const kBest = [
  { name: 'overview', theme: 'light' },
  { name: 'new', theme: 'light' },
  { name: 'containers', theme: 'light' },
  { name: 'container', theme: 'dark' },
  { name: 'matlab', theme: 'light' },
  { name: 'admin-containers', theme: 'light' },
]

let failures = 0
function failed(where, why) {
  failures++
  console.error(`${where}: ${why}`)
}

// The whole screen is in the window for the picture, so that what clings to its edge stays there.
async function grow(page, screen) {
  const { width, height } = page.viewportSize()
  const whole = await page.evaluate(() => document.documentElement.scrollHeight)
  if (!screen.dialog && !screen.long && whole > height) await page.setViewportSize({ width, height: whole })
}

// WebP, which Playwright's own call does not write: a quarter of a PNG's size.
async function webp(page, path) {
  const session = await page.context().newCDPSession(page)
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: 88 })
  writeFileSync(path, Buffer.from(data, 'base64'))
}

async function picture(page, screen, viewport, at, take) {
  const path = join(at, screen.name)
  try {
    await page.setViewportSize(viewport)
    await show(page, screen)
    await take(path)
    await screen.after?.(page)
  } catch (error) {
    failed(path, error.message.split('\n')[0])
  }
}

async function pictures(screens, look, at, take) {
  mkdirSync(at, { recursive: true })
  for (const who of new Set(screens.map((screen) => screen.who))) {
    const { page, context, complaints } = await openPage(browser, { ...look, url: demo.url, user: kPeople[who] })
    for (const screen of screens.filter((s) => s.who === who)) {
      await picture(page, screen, look.viewport, at, (path) => take(page, path, screen))
      for (const complaint of complaints.splice(0)) failed(join(at, screen.name), complaint)
    }
    await context.close()
  }
}

async function allScreens() {
  const screens = kScreens.filter((screen) => !names.length || names.includes(screen.name))
  for (const size of only(Object.keys(kSizes), 'SHOT_SIZE')) {
    for (const language of only(kLanguages, 'SHOT_LANGUAGE')) {
      for (const theme of only(['light', 'dark'], 'SHOT_THEME')) {
        await pictures(screens, { language, theme, viewport: kSizes[size] }, join(folder, `${size}-${language}-${theme}`), async (page, path, screen) => {
          await grow(page, screen)
          await page.screenshot({ path: `${path}.png` })
        })
      }
    }
  }
}

async function bestScreens() {
  for (const language of kLanguages) {
    for (const { name, theme } of kBest) {
      const screens = kScreens.filter((screen) => screen.name === name)
      await pictures(screens, { language, theme, viewport: kBestSize }, join(folder, language), (page, path) => webp(page, `${path}.webp`))
    }
  }
}

const demo = await startDemo()
const browser = await openBrowser()
await (process.env.SHOT_BEST ? bestScreens() : allScreens())
await browser.close()
await demo.close()
process.exit(failures ? 1 : 0)
