// Debian's Chromium, and pages in it that collect what a person would never see.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { chromium } from 'playwright-core'

export const kWide = { width: 1440, height: 900 }
export const kPhone = { width: 390, height: 844 }
const kPatience = 15_000

export function openBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  })
}

// A page of its own cookies. `close` fails when the page complained: an error, a refusal of its policy, a word without text.
export async function openPage(browser, { url, user, language = 'en', theme = 'light', viewport = kWide, touch = false }) {
  const context = await browser.newContext({
    baseURL: url, viewport, hasTouch: touch, isMobile: touch, colorScheme: theme, locale: language, reducedMotion: 'reduce', permissions: ['clipboard-read', 'clipboard-write'],
  })
  if (user) {
    const answer = await context.request.post('/api/v1/session', { data: { username: user.username, password: user.password } })
    if (!answer.ok()) throw new Error(`log-in as ${user.username}: ${answer.status()}`)
  }
  const page = await context.newPage()
  const complaints = []
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`))
  page.on('console', (message) => {
    const text = message.text()
    if (message.type() === 'error' && !/Failed to load resource|ERR_/.test(text)) complaints.push(text)
    if (message.type() === 'warning' && /\[Vue|\[intlify/.test(text)) complaints.push(text)
  })
  page.setDefaultTimeout(kPatience)
  const close = async () => {
    await context.close()
    assert.deepEqual(complaints, [])
  }
  return { page, context, complaints, close }
}

// Until what the page shows has been read, its letters are there and nothing moves.
export async function still(page) {
  await page.waitForSelector('h1', { state: 'attached' })
  await page.waitForFunction(
    () => document.fonts.status === 'loaded' && !document.querySelector('.waiting') && document.getAnimations().every((a) => a.playState !== 'running'),
  )
}

export async function settle(page, path) {
  await page.goto(path)
  await still(page)
}

const kAxe = readFileSync(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8')

// What axe has against the page as it is now.
export async function barriers(page) {
  await page.evaluate(kAxe)
  const found = await page.evaluate(async () => (await globalThis.axe.run(document, { resultTypes: ['violations'] })).violations)
  return found.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 160)).join(' | ')}`)
}

// What moved on the page by itself since it was loaded: the browser's own measure (0.1 is "good"), and what moved most.
export const jumps = (page) =>
  page.evaluate(() => {
    const seen = new PerformanceObserver(() => {})
    seen.observe({ type: 'layout-shift', buffered: true })
    const shifts = seen.takeRecords().filter((shift) => !shift.hadRecentInput)
    const worst = shifts.flatMap((shift) => shift.sources.map((s) => s.node?.outerHTML?.slice(0, 90) ?? '?')).slice(0, 4)
    return { sum: shifts.reduce((sum, shift) => sum + shift.value, 0), worst }
  })

export const widerThanWindow = (page) => page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - window.innerWidth))
