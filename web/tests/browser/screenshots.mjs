// Pictures of every screen: node tests/browser/screenshots.mjs FOLDER [NAME...]
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { kPhone, kScreens, kWide, openBrowser, openLab, openPage, show } from './harness.mjs'

const [folder = 'screenshots', ...names] = process.argv.slice(2)
const only = (list, name) => (process.env[name] ? list.filter((item) => item === process.env[name]) : list)
const languages = only(['en', 'zh-CN'], 'SHOT_LANGUAGE')
const themes = only(['light', 'dark'], 'SHOT_THEME')
const sizes = only(['wide', 'phone'], 'SHOT_SIZE')

const lab = await openLab()
const browser = await openBrowser()
let failures = 0
for (const size of sizes) {
  for (const language of languages) {
    for (const theme of themes) {
      const at = join(folder, `${size}-${language}-${theme}`)
      mkdirSync(at, { recursive: true })
      for (const user of [...new Set(kScreens.map((s) => s.user))]) {
        const screens = kScreens.filter((s) => s.user === user && (!names.length || names.includes(s.name)))
        if (!screens.length) continue
        const { page, context, complaints } = await openPage(browser, {
          user, language, theme, viewport: size === 'phone' ? kPhone : kWide, url: lab.url,
        })
        for (const screen of screens) {
          try {
            await show(page, screen)
            const whole = !['docs'].includes(screen.name) && !screen.name.endsWith('dialog')
            await page.screenshot({ path: join(at, `${screen.name}.png`), fullPage: whole })
            await screen.after?.(page)
          } catch (error) {
            failures++
            console.error(`${at} ${screen.name}: ${error.message.split('\n')[0]}`)
          }
          for (const complaint of complaints.splice(0)) {
            failures++
            console.error(`${at} ${screen.name}: ${complaint}`)
          }
        }
        await context.close()
      }
    }
  }
}
await browser.close()
lab.close()
process.exit(failures ? 1 : 0)
