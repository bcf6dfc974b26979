// Every screen there is: its name, who looks at it, where, what is to be met with (`meet`) and done there first (`act`). Whoever goes through the list needs a
// lab in which the member has a container that runs and one that is stopped.
import { eventually } from './berth.mjs'
import { settle, still } from './browser.mjs'
import { answerWith, anotherVersion, endLogin, failToCreate, kUnreachable, loseConnection, oneDraining, oneUnreachable, refuseShare } from './moments.mjs'

const containers = async (page) => (await (await page.request.get('/api/v1/containers')).json()).items
const sees = (what) => (page) => page.waitForSelector(what)
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
  { name: 'image-delete-dialog', who: 'member', path: '/ui/images', act: deleteImage, dialog: true },
  { name: 'note-bad', who: 'member', path: '/ui/images', act: shareInVain },
  { name: 'account', who: 'member', path: '/ui/account' },
  { name: 'everywhere-dialog', who: 'member', path: '/ui/account', act: (page) => openDialog(page, '[aria-labelledby=account-everywhere] .button'), dialog: true },
  { name: 'token-dialog', who: 'member', path: '/ui/account', act: (page) => openDialog(page, '.tokens .button.push'), dialog: true },
  { name: 'token-shown', who: 'member', path: '/ui/account', act: makeToken, after: revokeTokens, dialog: true },
  { name: 'login-again', who: 'member', path: '/ui/account', act: loseLogin, dialog: true },
  { name: 'lost', who: 'member', path: '/ui/nowhere' },
  { name: 'container-gone', who: 'member', path: '/ui/containers/999999' },
  { name: 'log-unreachable', who: 'member', path: own('/log'), meet: (page) => answerWith(page, '**/logs*', kUnreachable), act: sees('.notice.bad') },
  { name: 'machine-unreachable', who: 'member', path: '/', meet: oneUnreachable, act: sees('.badge.unreachable') },
  { name: 'connection-lost', who: 'member', path: '/', meet: loseConnection, act: sees('.banner.lost'), slow: true },
  { name: 'updated', who: 'member', path: '/', meet: anotherVersion, act: sees('.banner.back') },
  { name: 'new-failed', who: 'member', path: '/ui/new', meet: failToCreate, act: begin },
  { name: 'new-failed-form', who: 'member', path: '/ui/new', meet: failToCreate, act: backToForm },
  { name: 'docs', who: 'member', path: '/docs', long: true, slow: true },
  { name: 'new-progress', who: 'member', path: '/ui/new', act: begin, after: takeBack, slow: true },
  { name: 'admin-overview', who: 'admin', path: '/' },
  { name: 'matlab', who: 'admin', path: '/ui/matlab' },
  { name: 'matlab-end-dialog', who: 'admin', path: '/ui/matlab', act: (page) => openDialog(page, 'tbody tr:last-child .do button:last-child'), dialog: true },
  { name: 'matlab-progress', who: 'admin', path: '/ui/matlab', act: openSession, after: endSession, slow: true },
  { name: 'admin-containers', who: 'admin', path: '/ui/admin/containers' },
  { name: 'admin-users', who: 'admin', path: '/ui/admin/users' },
  { name: 'add-user-dialog', who: 'admin', path: '/ui/admin/users', act: (page) => openDialog(page, '.row > .button.push'), dialog: true },
  { name: 'reset-password-dialog', who: 'admin', path: '/ui/admin/users', act: (page) => openFromRow(page, 'tbody tr:last-child'), dialog: true },
  { name: 'admin-devices', who: 'admin', path: '/ui/admin/devices' },
  { name: 'machine-draining', who: 'admin', path: '/ui/admin/devices', meet: oneDraining, act: sees('.badge.draining') },
  { name: 'machines-unreachable', who: 'admin', path: '/ui/admin/devices', meet: oneUnreachable, act: sees('.badge.unreachable') },
  { name: 'trust-dialog', who: 'admin', path: '/ui/admin/devices', act: (page) => openFromRow(page, '.device'), dialog: true },
  { name: 'admin-images', who: 'admin', path: '/ui/admin/images' },
  { name: 'publish-dialog', who: 'admin', path: '/ui/admin/images', act: (page) => openDialog(page, '.row > .button.push'), dialog: true },
  { name: 'admin-audit', who: 'admin', path: '/ui/admin/audit' },
  { name: 'admin-settings', who: 'admin', path: '/ui/admin/settings' },
]

export async function show(page, screen) {
  await page.unrouteAll({ behavior: 'ignoreErrors' })
  await screen.meet?.(page)
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
async function openDialog(page, button) {
  await page.locator(button).first().click()
  await page.waitForSelector('[role=dialog]')
}
async function openFromRow(page, row) {
  await page.locator(`${row} [aria-haspopup=menu]`).first().click()
  await page.locator('[role=menuitem]').first().click()
  await page.waitForSelector('[role=dialog]')
}
function deleteImage(page) {
  return openDialog(page, '.do button:enabled')
}
async function shareInVain(page) {
  await refuseShare(page)
  await page.locator('[role=switch]:enabled').first().click()
  await page.waitForSelector('.note.bad')
}
async function makeToken(page) {
  await openDialog(page, '.tokens .button.push')
  await page.locator('[role=dialog] input').first().fill('night job')
  await page.locator('[role=dialog] [type=submit]').click()
  await page.waitForSelector('[role=dialog] code')
}
async function revokeTokens(page) {
  const { items } = await (await page.request.get('/api/v1/tokens')).json()
  for (const { tid } of items) await page.request.delete(`/api/v1/tokens/${tid}`)
}
async function loseLogin(page) {
  await endLogin(page)
  for (const field of await page.locator('input[type=password]').all()) await field.fill('long enough')
  await page.locator('form .button.primary').click()
  await page.waitForSelector('[role=dialog]')
}
async function backToForm(page) {
  await begin(page)
  await page.locator('.begun .button.primary').click()
  await page.waitForSelector('.verdict .notice')
}
const kSeat = 20
async function openSession(page) {
  await page.locator('form .input').first().fill(String(kSeat))
  await page.locator('form .button.primary').click()
  await page.waitForSelector('.steps, [role=progressbar]')
}
async function endSession(page) {
  const session = async () => (await (await page.request.get('/api/v1/matlab')).json()).items.find((s) => s.user_id === kSeat)
  await eventually(async () => (await session())?.operation === null)
  await page.request.delete(`/api/v1/matlab/${kSeat}`)
  await eventually(async () => !(await session()))
}
