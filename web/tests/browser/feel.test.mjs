// How the page feels, over a real Berth: languages, themes, phone, keyboard, and whatever goes wrong loses nothing.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startBerth } from './berth.mjs'
import { kPhone, openBrowser, openPage, settle } from './browser.mjs'

let berth, browser, member, admin
before(async () => {
  berth = await startBerth()
  browser = await openBrowser()
  member = await berth.member()
  admin = await berth.admin()
})
after(async () => {
  await browser?.close()
  await berth?.close()
})
const open = (options) => openPage(browser, { url: berth.url, ...options })
const kLimit = { timeout: 60_000 }

test('language: from the browser, switched, kept', kLimit, async () => {
  const { page, close } = await open({ language: 'zh-CN' })
  await page.goto('/')
  await page.getByRole('heading', { name: '欢迎使用 Berth' }).waitFor()
  assert.equal(await page.locator('html').getAttribute('lang'), 'zh-CN')
  await page.getByRole('button', { name: 'English' }).click()
  await page.getByRole('heading', { name: 'Welcome to Berth' }).waitFor()
  assert.equal(await page.title(), 'Log in · Berth')
  await page.getByLabel('User name').fill(member.username)
  await page.getByLabel('Password').fill(member.password)
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByText('You have no container yet').waitFor()
  await page.getByRole('button', { name: new RegExp(member.username) }).click()
  await page.getByRole('menuitemradio', { name: '简体中文' }).click()
  await page.getByText('您还没有容器').or(page.getByText('你还没有容器')).waitFor()
  await page.reload()
  await page.getByText('您还没有容器').or(page.getByText('你还没有容器')).waitFor()
  await close()
})

test('theme: chosen, kept, and there before the first paint', kLimit, async () => {
  const { page, close } = await open({ user: member })
  await settle(page, '/ui/account')
  await page.getByLabel('Dark').check()
  await page.route('**/assets/index-*.js', (route) => route.abort()) // the page itself never comes
  await page.goto('/')
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark')
  assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor), 'rgb(11, 20, 26)')
  await close()
})

test('a wrong password says so and keeps the name; the right one leads to where one wanted to go', kLimit, async () => {
  const { page, close } = await open({})
  await page.goto('/ui/images')
  await page.getByLabel('User name').fill(member.username)
  await page.getByLabel('Password').fill('not this one')
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByRole('alert').getByText('The user name or the password is wrong.').waitFor()
  assert.equal(await page.getByLabel('User name').inputValue(), member.username)
  await page.getByLabel('Password').fill(member.password)
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByRole('heading', { name: 'Images' }).waitFor()
  await close()
})

test('a name that is taken: the registration stays as it was typed', kLimit, async () => {
  const { page, close } = await open({})
  await page.goto('/ui/register')
  await page.getByLabel('User name').fill(member.username)
  await page.getByLabel('E-mail').fill('another@lab.test')
  await page.getByLabel('Password').fill('long enough')
  await page.getByRole('button', { name: 'Create an account' }).click()
  await page.getByRole('alert').getByText('The user name or the e-mail address is taken.').waitFor()
  for (const [label, typed] of [['User name', member.username], ['E-mail', 'another@lab.test'], ['Password', 'long enough']]) {
    assert.equal(await page.getByLabel(label).inputValue(), typed)
  }
  await close()
})

test('a lost connection says so, keeps what is shown, and heals by itself', kLimit, async () => {
  const { page, close } = await open({ user: member })
  await settle(page, '/ui/new')
  await page.getByLabel('Name').fill('half typed')
  await berth.stop()
  await page.getByText('The connection is lost. Trying again…').waitFor()
  assert.equal(await page.getByLabel('Name').inputValue(), 'half typed')
  await page.getByRole('button', { name: 'Create container' }).click()
  await page.getByRole('alert').getByText('Berth cannot be reached. Nothing was changed.').waitFor()
  assert.equal(await page.getByLabel('Name').inputValue(), 'half typed')
  await berth.start()
  await page.getByText('Connected again.').waitFor({ timeout: 20_000 })
  assert.equal(await page.getByLabel('Name').inputValue(), 'half typed')
  await close()
})

test('a page loaded while nobody answers for Berth says that it waits', kLimit, async () => {
  const { page, close } = await open({ user: member })
  await page.route('**/api/v1/session', (route) => route.abort())
  await page.goto('/')
  await page.getByText('Berth does not answer yet. Trying again…').waitFor()
  await page.unroute('**/api/v1/session')
  await page.getByText('You have no container yet').waitFor()
  await close()
})

test('a login that ends in the middle of a form loses nothing', kLimit, async () => {
  const { page, close } = await open({ user: member })
  await settle(page, '/ui/new')
  await page.getByLabel('Name').fill('half typed')
  await (await berth.logIn(member))('DELETE', '/sessions') // everywhere, as from another machine
  const dialog = page.getByRole('dialog', { name: 'Please log in again' })
  await page.getByRole('button', { name: 'Create container' }).or(dialog).first().click()
  await dialog.waitFor()
  await dialog.getByLabel('Password').fill(member.password)
  await dialog.getByRole('button', { name: 'Log in' }).click()
  await dialog.waitFor({ state: 'detached' })
  assert.equal(await page.getByLabel('Name').inputValue(), 'half typed')
  await close()
})

test('a container that one does not wait for: how it ended is told on whatever screen one is', kLimit, async () => {
  await berth.brokenImage()
  const { page, close } = await open({ user: await berth.member() })
  const createAndLeave = async (name, image) => {
    await settle(page, '/ui/new')
    await page.getByLabel('Name').fill(name)
    await page.getByLabel('Image').selectOption({ label: image })
    // What the page hears of the end is held back until one has left.
    let release
    const left = new Promise((resolve) => (release = resolve))
    await page.route('**/api/v1/operations*', (route) => left.then(() => route.continue()))
    await page.getByRole('button', { name: 'Create container' }).click()
    await page.getByText('You may leave this page; it goes on.').waitFor()
    await page.getByRole('link', { name: 'Overview' }).click()
    await page.getByText('You may leave this page; it goes on.').waitFor({ state: 'detached' })
    release()
  }
  const [usual] = (await (await page.request.get('/api/v1/images')).json()).items
  await createAndLeave('well', usual.name)
  await page.getByRole('status').getByText('well is ready.').waitFor()
  await page.getByRole('link', { name: 'Open container' }).click()
  await page.getByRole('heading', { name: 'well' }).waitFor()

  await createAndLeave('will fail', 'broken')
  const told = page.getByRole('alert').filter({ hasText: 'will fail could not be created.' })
  await told.getByText(/nothing-here/).waitFor()
  const { items } = await (await page.request.get('/api/v1/containers')).json()
  for (const { cid } of items) await page.request.delete(`/api/v1/containers/${cid}`)
  await close()
})

test('right after a container comes the next one, from a fresh form', kLimit, async () => {
  const { page, close } = await open({ user: await berth.member() })
  await settle(page, '/ui/new?iid=1')
  const name = page.getByLabel('Name')
  const again = page.getByRole('link', { name: 'New container' })
  const create = async (called) => {
    await name.fill(called)
    await page.getByRole('button', { name: 'Create container' }).click()
    await page.getByText('It is yours.').waitFor()
  }
  await create('the first')
  await page.reload()
  await page.getByText('It is yours.').waitFor()
  await again.click()
  await page.getByRole('heading', { name: 'New container' }).waitFor()
  assert.equal(await name.inputValue(), 'work')
  await create('the second')
  await page.getByRole('link', { name: 'Make another' }).click()
  await page.getByRole('heading', { name: 'New container' }).waitFor()
  assert.equal(await name.inputValue(), 'work')

  await settle(page, '/ui/new?iid=1')
  await name.fill('half typed')
  await again.click()
  await page.waitForURL(/new$/)
  assert.notEqual(await name.inputValue(), 'half typed')
  const { items } = await (await page.request.get('/api/v1/containers')).json()
  assert.deepEqual(items.map((c) => c.name).sort(), ['the first', 'the second'])
  for (const { cid } of items) await page.request.delete(`/api/v1/containers/${cid}`)
  await close()
})

test('keyboard alone: from the skip link through the whole form to a running container', kLimit, async () => {
  const person = await berth.member()
  const { page, close } = await open({ user: person })
  await settle(page, '/')
  const press = (...keys) => keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve())
  const focused = (what) => page.evaluate((selector) => document.activeElement?.matches(selector) ?? false, what)
  async function tabTo(what) {
    for (let n = 0; n < 40; n++) {
      await press('Tab')
      if (await focused(what)) return
    }
    assert.fail(`no way to ${what} with the keyboard`)
  }
  await press('Tab')
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Skip to content')
  await press('Enter')
  assert.equal(await focused('main'), true)
  await tabTo('main a[href^="/ui/new"]')
  await press('Enter')
  await page.getByRole('heading', { name: 'New container' }).waitFor()

  await tabTo('input[maxlength="64"]')
  await press('Control+a')
  await page.keyboard.type('by keys')
  await tabTo('input[type=radio]')
  await tabTo('select')
  await tabTo('.fold-button')
  await press('Enter')
  await tabTo('input[type=number]')
  await press('Control+a')
  await page.keyboard.type('1')
  await tabTo('input[type=number]')
  await press('Control+a')
  await page.keyboard.type('0.0625')
  await tabTo('button[type=submit]')
  await press('Enter')
  await page.getByText('It is yours.').waitFor()
  const [made] = (await (await page.request.get('/api/v1/containers')).json()).items
  assert.deepEqual([made.name, made.cpu, made.memory_mb], ['by keys', 1, 64])
  await page.request.delete(`/api/v1/containers/${made.cid}`)
  await page.getByText('It is yours.').waitFor()
  await close()
})

test('phone: everything is within reach', kLimit, async () => {
  const { page, close } = await open({ user: admin, viewport: kPhone })
  await settle(page, '/')
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'New' }).click()
  await page.getByRole('heading', { name: 'New container' }).waitFor()
  await page.getByRole('button', { name: 'More' }).click()
  await page.getByRole('menuitem', { name: 'MATLAB sessions' }).click()
  await page.getByRole('heading', { name: 'MATLAB sessions' }).waitFor()
  await close()
})
