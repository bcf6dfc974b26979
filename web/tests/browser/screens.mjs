// Every screen there is: its name, who looks at it, where, and what to do there first. Whoever goes through the list needs a
// lab in which the member has a container that runs and one that is stopped.
import { settle, still } from './browser.mjs'

const containers = async (page) => (await (await page.request.get('/api/v1/containers')).json()).items
const own = (tab = '') => async (page) => {
  const running = (await containers(page)).filter((c) => c.state === 'running')
  return `/ui/containers/${(running.find((c) => c.gpus.length) ?? running[0]).cid}${tab}`
}

export const kScreens = [
  { name: 'login', who: 'nobody', path: '/ui/login' },
  { name: 'login-wrong', who: 'nobody', path: '/ui/login', act: logInWrongly },
  { name: 'register', who: 'nobody', path: '/ui/register' },
  { name: 'overview-first', who: 'newcomer', path: '/' },
  { name: 'containers-none', who: 'newcomer', path: '/ui/containers' },
  { name: 'images-none', who: 'newcomer', path: '/ui/images' },
  { name: 'overview', who: 'member', path: '/' },
  { name: 'new', who: 'member', path: '/ui/new?did=2' },
  { name: 'new-too-much', who: 'member', path: '/ui/new', act: wantTooMuch },
  { name: 'containers', who: 'member', path: '/ui/containers' },
  { name: 'container', who: 'member', path: own(), act: (page) => page.waitForSelector('.u-over', { state: 'attached' }) },
  { name: 'container-terminal', who: 'member', path: own('/terminal'), act: typeInTerminal },
  { name: 'container-log', who: 'member', path: own('/log') },
  { name: 'container-events', who: 'member', path: own('/events') },
  { name: 'container-changes', who: 'member', path: own('/changes') },
  { name: 'start-dialog', who: 'member', path: '/ui/containers', act: openStart, dialog: true },
  { name: 'delete-dialog', who: 'member', path: '/ui/containers', act: (page) => openFromMenu(page, -1), dialog: true },
  { name: 'save-dialog', who: 'member', path: '/ui/containers', act: (page) => openFromMenu(page, 1), dialog: true },
  { name: 'menu', who: 'member', path: '/', act: openAccountMenu, dialog: true },
  { name: 'images', who: 'member', path: '/ui/images' },
  { name: 'account', who: 'member', path: '/ui/account' },
  { name: 'lost', who: 'member', path: '/ui/nowhere' },
  { name: 'docs', who: 'member', path: '/docs', long: true },
  { name: 'new-progress', who: 'member', path: '/ui/new', act: begin, after: takeBack },
  { name: 'admin-overview', who: 'admin', path: '/' },
  { name: 'matlab', who: 'admin', path: '/ui/matlab' },
  { name: 'admin-containers', who: 'admin', path: '/ui/admin/containers' },
  { name: 'admin-users', who: 'admin', path: '/ui/admin/users' },
  { name: 'admin-devices', who: 'admin', path: '/ui/admin/devices' },
  { name: 'admin-images', who: 'admin', path: '/ui/admin/images' },
  { name: 'admin-audit', who: 'admin', path: '/ui/admin/audit' },
  { name: 'admin-settings', who: 'admin', path: '/ui/admin/settings' },
]

export async function show(page, screen) {
  await settle(page, typeof screen.path === 'function' ? await screen.path(page) : screen.path)
  await screen.act?.(page)
  await still(page)
}

async function begin(page) {
  await page.locator('form .button.primary').click()
  await page.waitForSelector('.steps')
}
async function takeBack(page) {
  await page.waitForSelector('.begun .connect')
  const [newest] = (await (await page.request.get('/api/v1/operations')).json()).items
  await page.request.delete(`/api/v1/containers/${newest.cid}`)
}
async function wantTooMuch(page) {
  await page.locator('.fold-button').click()
  await page.locator('input[type=number]').first().fill('4000')
  await page.waitForSelector('.verdict .notice')
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
  await page.waitForSelector('.xterm-rows:has-text("#")')
  await page.locator('.xterm-helper-textarea').focus()
  await page.keyboard.type('ls -a /')
  await page.keyboard.press('Enter')
  await page.waitForSelector('.xterm-rows:has-text("etc")')
}
async function openStart(page) {
  await page.locator('.box:has(.badge.stopped) .actions-row > button').first().click()
  await page.waitForSelector('[role=dialog]')
}
async function openFromMenu(page, place) {
  await page.locator('.box:has(.badge.running) .actions-row button').last().click()
  await page.locator('[role=menuitem]').nth(place).click()
  await page.waitForSelector('[role=dialog]')
}
