// What people do on the page, in a real browser. Against the mock lab; with BERTH_URL against a running Berth, where what
// needs the mock's levers is left out.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { kAdmin, kMember, kPhone, kWide, openBrowser, openLab, openPage, settle } from './harness.mjs'

const mocked = !process.env.BERTH_URL
const unique = Date.now().toString(36)
let lab, browser
before(async () => {
  lab = await openLab({ speed: 4 })
  browser = await openBrowser()
})
after(async () => {
  await browser?.close()
  lab?.close()
})

const lever = (name, body = {}) => fetch(`${lab.url}/__mock/${name}`, { method: 'POST', body: JSON.stringify(body) })
async function open(options) {
  const opened = await openPage(browser, { url: lab.url, ...options })
  const close = async () => {
    await opened.context.close()
    assert.deepEqual(opened.complaints, [])
  }
  return { ...opened, close }
}
const newcomer = (n) => ({ username: `new.${unique}.${n}`, email: `new.${unique}.${n}@lab.example.edu`, password: 'a long enough one' })
async function register(page, person) {
  await page.goto('/')
  await page.getByRole('link', { name: 'Create an account' }).click()
  await page.getByLabel('User name').fill(person.username)
  await page.getByLabel('E-mail').fill(person.email)
  await page.getByLabel('Password').fill(person.password)
  await page.getByRole('button', { name: 'Create an account' }).click()
  await page.getByText('You have no container yet').waitFor()
}

test('a newcomer’s road: register, take a free berth, connect, type, save, stop, start, delete', { timeout: 90_000 }, async () => {
  const { page, close } = await open({})
  await register(page, newcomer(1))

  const berth = page.locator('.berth.free a').first()
  const gid = Number(/GPU (\d+)/.exec(await berth.getAttribute('title'))[1])
  await berth.click()
  await page.getByRole('heading', { name: 'New container' }).waitFor()
  assert.equal(await page.locator('.berth.chosen').count(), 1)
  assert.match(await page.locator('.berth.chosen .slip').getAttribute('title'), new RegExp(`GPU ${gid},`))
  await page.getByLabel('Name').fill('第一个')
  await page.getByRole('button', { name: 'Create container' }).click()

  await page.getByText('Place reserved').waitFor()
  await page.getByText('It is yours.').waitFor()
  assert.match(await page.locator('.steps').innerText(), /Creating\D+[\d.]+ s\s+Starting\D+[\d.]+ s\s+SSH and Jupyter answer\D+[\d.]+ s/)
  assert.match(await page.locator('.ready code').first().innerText(), /^ssh root@[\d.]+ -p \d+$/)
  await page.getByRole('button', { name: 'Copy ssh command' }).click()
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /^ssh root@/)
  await page.getByRole('button', { name: 'Show password' }).click()
  assert.match(await page.locator('.ready code').nth(1).innerText(), /^[A-Za-z0-9]{16}$/)

  await page.getByRole('link', { name: 'Open container' }).click()
  await page.getByRole('link', { name: 'Terminal' }).first().click()
  await page.getByText('Connected').waitFor()
  await page.keyboard.type('pwd')
  await page.keyboard.press('Enter')
  await page.locator('.xterm-rows', { hasText: /\n?\/workspace/ }).waitFor()

  await page.getByRole('button', { name: 'More for 第一个' }).click()
  await page.getByRole('menuitem', { name: 'Save as image' }).click()
  await page.getByText(/are new since its image/).waitFor()
  await page.getByLabel('Name of the image').fill('my-set-up')
  await page.getByRole('button', { name: 'Save image' }).click()
  await page.getByText('my-set-up is saved as an image').or(page.getByText('第一个 is saved as an image')).waitFor()
  await page.getByRole('link', { name: 'See your images' }).click()
  await page.getByRole('row', { name: /my-set-up/ }).waitFor()

  await page.getByRole('link', { name: 'My containers' }).click()
  await page.getByRole('button', { name: 'Stop' }).click()
  await page.getByText('Stopped', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  await page.getByText('The same GPUs as last time.').waitFor()
  await page.getByRole('button', { name: 'Start with 1 GPU' }).click()
  await page.getByText('Running', { exact: true }).waitFor()

  await page.getByText('第一个 runs.').waitFor()
  await page.getByRole('button', { name: 'More for 第一个' }).click()
  await page.getByRole('menuitem', { name: 'Delete' }).click()
  const really = page.getByRole('button', { name: 'Delete container' })
  assert.equal(await really.isDisabled(), true)
  await page.getByLabel('Type “第一个” to confirm').fill('第一个')
  await really.click()
  await page.getByText('No containers yet').waitFor()
  await close()
})

test('a second user sees none of it', { timeout: 30_000 }, async () => {
  const { page, close } = await open({})
  await register(page, newcomer(2))
  await page.getByRole('link', { name: 'My containers' }).click()
  await page.getByText('No containers yet').waitFor()
  const others = await openPage(browser, { url: lab.url, user: kMember })
  const cid = (await (await others.page.request.get('/api/v1/containers')).json()).items[0].cid
  await others.context.close()
  await page.goto(`/ui/containers/${cid}`)
  await page.getByText('No such container').waitFor()
  await page.goto('/ui/admin/users')
  await page.getByText('You have no container yet').waitFor()
  await close()
})

test('the last GPU lost to someone else: the refusal says what fits, nothing typed is lost', { skip: !mocked, timeout: 30_000 }, async () => {
  const { page, close } = await open({ user: kMember })
  await settle(page, '/ui/new?did=3')
  await page.getByLabel('Name').fill('too late')
  const gid = Number(/GPU (\d+)/.exec(await page.locator('.berth.chosen .slip').getAttribute('title'))[1])
  await page.route('**/api/v1/devices*', (route) => route.abort()) // so that the page does not see it coming
  await lever('take', { gid })
  await page.getByRole('button', { name: 'Create container' }).click()
  await page.getByText(`GPU ${gid} is not available any more.`).waitFor()
  assert.match(await page.locator('.verdict').innerText(), /What would fit there now: \d+ cores, .*GPUs: #\d+/)
  assert.equal(await page.getByLabel('Name').inputValue(), 'too late')
  await page.unroute('**/api/v1/devices*')
  await close()
})

test('a GPU taken while one looks: the page says so before asking', { skip: !mocked, timeout: 30_000 }, async () => {
  const { page, close } = await open({ user: kMember })
  await settle(page, '/ui/new?did=1')
  const gid = Number(/GPU (\d+)/.exec(await page.locator('.berth.chosen .slip').getAttribute('title'))[1])
  await lever('take', { gid })
  await page.getByText('A GPU you chose has just been taken.').waitFor()
  assert.equal(await page.getByRole('button', { name: 'Create container' }).isDisabled(), true)
  await page.locator('.alt').getByRole('button').first().click()
  await page.getByText('This fits.').waitFor()
  await close()
})

test('a container that fails: the step, the engine’s words, and the form again', { skip: !mocked, timeout: 30_000 }, async () => {
  const { page, close } = await open({ user: kMember })
  await settle(page, '/ui/new')
  await page.getByLabel('Name').fill('will fail')
  await page.getByRole('button', { name: 'Create container' }).click()
  await page.getByText('The engine could not start the container.').waitFor()
  await page.getByText(/OCI runtime create failed/).waitFor()
  await page.getByRole('button', { name: 'Back to the form' }).click()
  assert.equal(await page.getByLabel('Name').inputValue(), 'will fail')
  await close()
})

test('language: from the browser, switched, kept', { timeout: 30_000 }, async () => {
  const { page, close } = await open({ language: 'zh-CN' })
  await page.goto('/')
  await page.getByRole('heading', { name: '欢迎使用 Berth' }).waitFor()
  assert.equal(await page.locator('html').getAttribute('lang'), 'zh-CN')
  await page.getByRole('button', { name: 'English' }).click()
  await page.getByRole('heading', { name: 'Welcome to Berth' }).waitFor()
  assert.equal(await page.title(), 'Log in · Berth')
  await page.getByLabel('User name').fill(kMember.username)
  await page.getByLabel('Password').fill(kMember.password)
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByRole('heading', { name: /GPUs free/ }).waitFor()
  await page.getByRole('button', { name: /lin.wei/ }).click()
  await page.getByRole('menuitemradio', { name: '简体中文' }).click()
  await page.getByRole('heading', { name: /块空闲/ }).waitFor()
  await page.reload()
  await page.getByRole('heading', { name: /块空闲/ }).waitFor()
  await close()
})

test('theme: chosen, kept, and there before the first paint', { timeout: 30_000 }, async () => {
  const { page, close } = await open({ user: kMember })
  await settle(page, '/ui/account')
  await page.getByLabel('Dark').check()
  await page.route('**/assets/index-*.js', (route) => route.abort()) // the page itself never comes
  await page.goto('/')
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark')
  assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor), 'rgb(11, 20, 26)')
  await close()
})

test('wrong password, then the right one; the way back to where one wanted to go', { timeout: 30_000 }, async () => {
  const { page, close } = await open({})
  await page.goto('/ui/images')
  await page.getByLabel('User name').fill(kMember.username)
  await page.getByLabel('Password').fill('not this one')
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByText(/Wrong user name or password|Invalid username or password/).waitFor()
  assert.equal(await page.getByLabel('User name').inputValue(), kMember.username)
  await page.getByLabel('Password').fill(kMember.password)
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByRole('heading', { name: 'Images' }).waitFor()
  await close()
})

test('a lost connection says so, and heals itself', { skip: !mocked, timeout: 40_000 }, async () => {
  const { page, close } = await open({ user: kMember })
  await settle(page, '/ui/containers')
  await lever('deaf', { ms: 4000 })
  await page.getByText('The connection is lost. Trying again…').waitFor()
  assert.equal(await page.locator('.box').count() > 0, true) // what was there stays there
  await page.getByText('Connected again.').waitFor({ timeout: 20_000 })
  await close()
})

test('a login that ends in the middle of a form loses nothing', { skip: !mocked, timeout: 30_000 }, async () => {
  const { page, close } = await open({ user: kMember })
  await settle(page, '/ui/new?did=2')
  await page.getByLabel('Name').fill('half typed')
  await lever('logout')
  await page.getByRole('button', { name: 'Create container' }).click()
  await page.getByRole('dialog', { name: 'Please log in again' }).waitFor()
  await page.getByRole('dialog').getByLabel('Password').fill(kMember.password)
  await page.getByRole('dialog').getByRole('button', { name: 'Log in' }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  assert.equal(await page.getByLabel('Name').inputValue(), 'half typed')
  await page.getByRole('button', { name: 'Create container' }).click()
  await page.getByText('It is yours.').waitFor()
  await close()
})

test('a login that ends while one only looks: the log-in comes up by itself', { skip: !mocked, timeout: 30_000 }, async () => {
  const { page, close } = await open({ user: kMember })
  await settle(page, '/ui/containers')
  await lever('logout')
  await lever('deaf', { ms: 100 })
  await page.getByRole('dialog', { name: 'Please log in again' }).waitFor()
  await page.getByRole('dialog').getByLabel('Password').fill(kMember.password)
  await page.getByRole('dialog').getByRole('button', { name: 'Log in' }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.locator('.box').first().waitFor()
  await close()
})

test('a server that does not answer at first is waited for', { skip: !mocked, timeout: 30_000 }, async () => {
  const { page, close } = await open({ user: kMember })
  await lever('deaf', { ms: 2500 })
  await page.goto('/')
  await page.getByText('Berth does not answer yet. Trying again…').waitFor()
  await page.getByRole('heading', { name: /GPUs free/ }).waitFor()
  await close()
})

test('keyboard alone: skip link, a free berth, Enter', { timeout: 30_000 }, async () => {
  const { page, close } = await open({ user: kMember })
  await settle(page, '/')
  await page.keyboard.press('Tab')
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Skip to content')
  await page.keyboard.press('Enter')
  assert.equal(await page.evaluate(() => document.activeElement?.tagName), 'MAIN')
  for (let n = 0; n < 30; n++) {
    await page.keyboard.press('Tab')
    if (await page.evaluate(() => document.activeElement?.matches('.berth a'))) break
  }
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'New container' }).waitFor()
  await close()
})

test('phone: every way is there', { timeout: 30_000 }, async () => {
  const { page, close } = await open({ user: kAdmin, viewport: kPhone })
  await settle(page, '/')
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'New' }).click()
  await page.getByRole('heading', { name: 'New container' }).waitFor()
  await page.getByRole('button', { name: 'More' }).click()
  await page.getByRole('menuitem', { name: 'MATLAB sessions' }).click()
  await page.getByRole('heading', { name: 'MATLAB sessions' }).waitFor()
  await close()
})

test('a class of MATLAB sessions, with progress', { timeout: 40_000 }, async () => {
  const { page, close } = await open({ user: kAdmin })
  await settle(page, '/ui/matlab')
  await page.getByLabel('Users').fill('40-46')
  await page.getByRole('button', { name: 'Create', exact: true }).click()
  await page.getByRole('progressbar').waitFor()
  await page.getByText('7 / 7').waitFor()
  await page.getByRole('button', { name: 'End session 46' }).click()
  await page.getByLabel('Type “matlab-user-46” to confirm').fill('matlab-user-46')
  await page.getByRole('dialog').getByRole('button', { name: 'End session' }).click()
  await page.getByRole('button', { name: 'End session 46' }).waitFor({ state: 'detached' })
  await close()
})

test('an admin adds a user, resets the password, disables the account', { timeout: 40_000 }, async () => {
  const { page, close } = await open({ user: kAdmin })
  const person = newcomer(3)
  await settle(page, '/ui/admin/users')
  await page.getByRole('button', { name: 'Add user' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('User name').fill(person.username)
  await dialog.getByLabel('E-mail').fill(person.email)
  await dialog.getByLabel('Password').fill(person.password)
  await dialog.getByRole('button', { name: 'Add user' }).click()
  await page.getByRole('row', { name: new RegExp(person.username) }).waitFor()
  await page.getByRole('switch', { name: `${person.username} may log in` }).click()
  const answer = await page.request.post('/api/v1/session', { data: { username: person.username, password: person.password } })
  assert.equal(answer.status(), 401)
  await close()
})

test('API token: shown once, listed, revoked', { timeout: 30_000 }, async () => {
  const { page, close } = await open({ user: kMember })
  await settle(page, '/ui/account')
  await page.getByRole('button', { name: 'New token' }).click()
  await page.getByRole('dialog').getByLabel('Name').fill('night job')
  await page.getByRole('dialog').getByRole('button', { name: 'New token' }).click()
  await page.getByText('Copy it now: it is shown this once.').waitFor()
  await page.getByRole('dialog').getByRole('button', { name: 'Done' }).click()
  await page.getByRole('row', { name: /night job/ }).waitFor()
  await page.getByRole('button', { name: 'Revoke night job' }).click()
  await page.getByRole('row', { name: /night job/ }).waitFor({ state: 'detached' })
  await close()
})

test('first load stays under 300 KB, packed', { timeout: 30_000 }, async () => {
  const { page, context, close } = await open({ user: kMember, viewport: kWide })
  const session = await context.newCDPSession(page)
  await session.send('Network.enable')
  let bytes = 0
  let requests = 0
  session.on('Network.loadingFinished', (event) => {
    bytes += event.encodedDataLength
    requests++
  })
  await settle(page, '/')
  const paint = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0].startTime)
  console.log(`first load of the overview: ${Math.round(bytes / 1024)} KB in ${requests} requests, first paint after ${Math.round(paint)} ms`)
  assert.ok(bytes < 300 * 1024, `${bytes} bytes`)
  await close()
})
