// What the browser tests and the screenshots share: Debian's Chromium, a lab to look at, the list of screens.
import { readFileSync } from 'node:fs'
import { chromium } from 'playwright-core'
import { serve } from '../../mock/server.mjs'

export const kAdmin = { username: 'prof.liu', password: 'berth-demo' }
export const kMember = { username: 'lin.wei', password: 'berth-demo' }
export const kNewcomer = { username: 'wang.xin', email: 'wang.xin@lab.example.edu', password: 'berth-demo' }
export const kWide = { width: 1440, height: 900 }
export const kPhone = { width: 390, height: 844 }

// BERTH_URL names a running Berth (with these two users, as `berth demo` has them); else the mock lab.
export async function openLab(options = {}) {
  if (process.env.BERTH_URL) return { url: process.env.BERTH_URL.replace(/\/$/, ''), close: () => {} }
  return serve({ port: 0, ...options })
}

export function openBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  })
}

// A page that collects what a person would never see: errors, and what the policy refused.
export async function openPage(browser, { user, language = 'en', theme = 'light', viewport = kWide, url }) {
  const context = await browser.newContext({
    viewport, colorScheme: theme, locale: language, reducedMotion: 'reduce', permissions: ['clipboard-read', 'clipboard-write'], baseURL: url,
  })
  await context.addInitScript(([l]) => localStorage.setItem('berth.language', localStorage.getItem('berth.language') ?? l), [language])
  if (user?.email) await context.request.post(`${url}/api/v1/register`, { data: user }) // there already: fine
  if (user) {
    const answer = await context.request.post(`${url}/api/v1/session`, { data: { username: user.username, password: user.password } })
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
  page.setDefaultTimeout(10_000)
  return { page, context, complaints }
}

// Goes there and waits until it stands still: what it shows has been read, nothing moves any more.
export async function settle(page, path) {
  await page.goto(path)
  await page.waitForSelector('h1', { state: 'attached' })
  await page.waitForFunction(() => !document.querySelector('.waiting'))
  await page.evaluate(() => document.fonts.ready)
  await page.waitForTimeout(250)
}

const firstOwn = async (page) =>
  (await (await page.request.get('/api/v1/containers')).json()).items.find((c) => c.state === 'running')?.cid ?? 1

// Every screen: name, who looks, where, and what to do there first.
export const kScreens = [
  { name: 'login', path: '/ui/login' },
  { name: 'login-wrong', path: '/ui/login', act: logInWrongly },
  { name: 'register', path: '/ui/register' },
  { name: 'overview-first', user: kNewcomer, path: '/' },
  { name: 'overview', user: kMember, path: '/' },
  { name: 'new', user: kMember, path: '/ui/new?did=2' },
  { name: 'containers', user: kMember, path: '/ui/containers' },
  { name: 'container', user: kMember, path: async (page) => `/ui/containers/${await firstOwn(page)}`, act: (page) => page.waitForSelector('.u-over', { state: 'attached' }) },
  { name: 'container-terminal', user: kMember, path: async (page) => `/ui/containers/${await firstOwn(page)}/terminal`, act: typeInTerminal },
  { name: 'container-log', user: kMember, path: async (page) => `/ui/containers/${await firstOwn(page)}/log` },
  { name: 'container-events', user: kMember, path: async (page) => `/ui/containers/${await firstOwn(page)}/events` },
  { name: 'container-changes', user: kMember, path: async (page) => `/ui/containers/${await firstOwn(page)}/changes` },
  { name: 'start-dialog', user: kMember, path: '/ui/containers', act: openStart },
  { name: 'delete-dialog', user: kMember, path: '/ui/containers', act: (page) => openMenu(page, -1) },
  { name: 'save-dialog', user: kMember, path: '/ui/containers', act: (page) => openMenu(page, 1) },
  { name: 'menu', user: kMember, path: '/', act: openAccountMenu },
  { name: 'images', user: kMember, path: '/ui/images' },
  { name: 'account', user: kMember, path: '/ui/account' },
  { name: 'docs', user: kMember, path: '/docs' },
  { name: 'new-progress', user: kMember, path: '/ui/new', act: begin, after: takeBack },
  { name: 'admin-overview', user: kAdmin, path: '/' },
  { name: 'matlab', user: kAdmin, path: '/ui/matlab' },
  { name: 'admin-containers', user: kAdmin, path: '/ui/admin/containers' },
  { name: 'admin-users', user: kAdmin, path: '/ui/admin/users' },
  { name: 'admin-devices', user: kAdmin, path: '/ui/admin/devices' },
  { name: 'admin-images', user: kAdmin, path: '/ui/admin/images' },
  { name: 'admin-audit', user: kAdmin, path: '/ui/admin/audit' },
  { name: 'admin-settings', user: kAdmin, path: '/ui/admin/settings' },
]

async function begin(page) {
  await page.locator('form .button.primary').click()
  await page.waitForSelector('.steps .running')
}
async function takeBack(page) {
  const newest = (await (await page.request.get('/api/v1/operations')).json()).items[0]
  await page.waitForSelector('.steps .done ~ .done ~ .done ~ .done')
  await page.request.delete(`/api/v1/containers/${newest.cid}`)
}
async function logInWrongly(page) {
  await page.locator('input[name=username]').fill('lin.wei')
  await page.locator('input[name=password]').fill('not this one')
  await page.locator('form .button.primary').click()
  await page.waitForSelector('[role=alert]')
}
async function openAccountMenu(page) {
  await page.locator('.rail .item[aria-haspopup=menu]:visible').click()
  await page.waitForSelector('[role=menu]')
}
async function typeInTerminal(page) {
  await page.waitForSelector('.xterm-rows')
  await page.waitForTimeout(300)
  for (const line of ['nvidia-smi', 'ls']) {
    await page.keyboard.type(line)
    await page.keyboard.press('Enter')
    await page.waitForTimeout(150)
  }
}
async function openStart(page) {
  await page.locator('.box', { hasText: 'ablation-7' }).locator('.actions-row > button').first().click()
  await page.waitForSelector('[role=dialog]')
}
async function openMenu(page, place) {
  await page.locator('.box').last().locator('.actions-row button').last().click()
  await page.locator('[role=menuitem]').nth(place).click()
  await page.waitForSelector('[role=dialog]')
  await page.waitForTimeout(200)
}

export async function show(page, screen) {
  const path = typeof screen.path === 'function' ? await screen.path(page) : screen.path
  await settle(page, path)
  if (screen.act) await screen.act(page)
  await page.waitForTimeout(250)
}

export const kAxe = readFileSync(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8')
