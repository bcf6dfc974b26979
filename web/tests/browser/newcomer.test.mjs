// A newcomer's whole road, over the real workspace image: from registering to `ssh`, an image of one's own and a container from
// it; and what somebody else sees of all that, which is nothing.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { eventually, startBerth } from './berth.mjs'
import { kWide, openBrowser, openPage } from './browser.mjs'

const kMoreForSsh = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'LogLevel=ERROR', 'NumberOfPasswordPrompts=1', 'ConnectTimeout=5']

let berth, browser, page, close, cid
before(async () => {
  berth = await startBerth('--workspace')
  browser = await openBrowser()
  ;({ page, close } = await openPage(browser, { url: berth.url }))
})
after(async () => {
  await close?.()
  await browser?.close()
  await berth?.close()
})

// One road: after a step that failed, those that stand on it fail at once.
let stuck = false
const step = (name, work) =>
  test(name, { timeout: 90_000 }, async () => {
    assert.equal(stuck, false, 'a step before this one has failed')
    stuck = true
    await work()
    stuck = false
  })

// The line as the page shows it, typed in by sshpass.
async function ssh(line, password, command) {
  const [program, ...words] = line.split(' ')
  const { stdout } = await promisify(execFile)('sshpass', ['-e', program, ...kMoreForSsh.flatMap((option) => ['-o', option]), ...words, command], {
    env: { PATH: '/usr/bin:/bin', HOME: '/nonexistent', SSHPASS: password },
    timeout: 20_000,
  })
  return stdout
}

async function connection() {
  const line = await page.locator('.connect code').first().innerText()
  await page.getByRole('button', { name: 'Show password' }).click()
  const password = await page.locator('.connect code').nth(1).innerText()
  return { line, password }
}

async function create(name) {
  await page.getByLabel('Name').fill(name)
  await page.getByText('This fits.').waitFor()
  await page.getByRole('button', { name: 'Create container' }).click()
  await page.locator('.steps').waitFor()
  await page.getByText('It is yours.').waitFor({ timeout: 45_000 })
  const steps = await page.locator('.steps').innerText()
  assert.match(steps, /Creating\D+[\d.]+ s\s+Starting\D+[\d.]+ s\s+SSH answers\D+[\d.]+ s/)
}

step('registers and is told what to do next', async () => {
  const person = berth.newcomer()
  await page.goto('/')
  await page.getByRole('link', { name: 'Create an account' }).click()
  await page.getByLabel('User name').fill(person.username)
  await page.getByLabel('E-mail').fill(person.email)
  await page.getByLabel('Password').fill(person.password)
  await page.getByRole('button', { name: 'Create an account' }).click()
  await page.getByText('You have no container yet').waitFor()
})

step('makes a container and watches it come up', async () => {
  await page.getByRole('link', { name: 'Make my first container' }).click()
  await page.getByRole('heading', { name: 'New container' }).waitFor()
  await create('第一个')
})

step('logs in over ssh with the line and the password that the page shows', async () => {
  const { line, password } = await connection()
  assert.match(line, /^ssh root@[\d.]+ -p \d+$/)
  assert.equal(await ssh(line, password, 'echo kept > /root/mine && id -un'), 'root\n')
  await page.getByRole('button', { name: 'Copy ssh command' }).click()
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), line)
  await page.getByRole('button', { name: 'Hide password' }).click()
  await page.getByText(password).waitFor({ state: 'detached' })
  await assert.rejects(ssh(line, 'not the password', 'true'))
})

step('finds Jupyter at its button', async () => {
  const address = await page.getByRole('link', { name: 'Jupyter' }).getAttribute('href')
  const jupyter = await page.context().newPage()
  await eventually(() => jupyter.goto(address))
  await jupyter.getByLabel('Password').or(jupyter.locator('#password_input')).first().waitFor()
  await jupyter.close()
})

step('types in the terminal of the page', async () => {
  await page.getByRole('link', { name: 'Open container' }).click()
  await page.getByRole('link', { name: 'Terminal' }).first().click()
  await page.getByText('Connected', { exact: true }).waitFor()
  const type = async (line) => {
    await page.keyboard.type(line)
    await page.keyboard.press('Enter')
  }
  const columns = async (mark) => {
    await type(`stty size | sed 's/.* /${mark}-/'`)
    const answer = new RegExp(`${mark}-(\\d+)`)
    await page.locator('.xterm-rows', { hasText: answer }).waitFor()
    return Number(answer.exec(await page.locator('.xterm-rows').innerText())[1])
  }
  await page.locator('.xterm-helper-textarea').focus()
  await type('cat /root/mine; echo $((6*7))-in-a-tty')
  await page.locator('.xterm-rows', { hasText: /kept.*42-in-a-tty/ }).waitFor()
  const wide = await columns('wide')
  await page.setViewportSize({ width: 1000, height: 900 })
  assert.ok((await columns('narrow')) < wide, 'the tty learns of the window’s size')
  await page.setViewportSize(kWide)
})

step('looks at the log, the events and the changed files', async () => {
  await page.waitForURL(/\/ui\/containers\/\d+/)
  cid = Number(/containers\/(\d+)/.exec(page.url())[1])
  await page.getByRole('link', { name: 'Log', exact: true }).click()
  await page.getByRole('log').getByRole('paragraph').first().waitFor()
  await page.getByRole('link', { name: 'Events' }).click()
  await page.getByRole('row', { name: /Created/ }).waitFor()
  await page.getByRole('link', { name: 'Changed files' }).click()
  await page.getByText('/root/mine').waitFor()
})

step('saves it as an image', async () => {
  await page.getByRole('button', { name: 'More for 第一个' }).click()
  await page.getByRole('menuitem', { name: 'Save as image' }).click()
  await page.getByText(/are new since its image/).waitFor()
  await page.getByLabel('Name of the image').fill('my-set-up')
  await page.getByRole('button', { name: 'Save image' }).click()
  await page.getByText('第一个 is saved as an image').waitFor({ timeout: 45_000 })
  await page.getByRole('link', { name: 'See your images' }).click()
  await page.getByRole('row', { name: /my-set-up/ }).waitFor()
})

step('somebody else sees neither the container nor the image', async () => {
  const other = await openPage(browser, { url: berth.url, user: await berth.member() })
  await other.page.goto('/ui/containers')
  await other.page.getByText('No containers yet').waitFor()
  await other.page.goto(`/ui/containers/${cid}`)
  await other.page.getByText('No such container').waitFor()
  await other.page.goto('/ui/images')
  await other.page.getByText('workspace').first().waitFor()
  assert.equal(await other.page.getByText('my-set-up').count(), 0)
  await other.page.goto('/ui/admin/users')
  await other.page.getByText('You have no container yet').waitFor()
  await other.close()
})

step('makes a second container from that image', async () => {
  await page.getByRole('row', { name: /my-set-up/ }).getByRole('link', { name: 'Use my-set-up' }).click()
  await page.getByRole('heading', { name: 'New container' }).waitFor()
  await create('from my image')
  const { line, password } = await connection()
  assert.equal(await ssh(line, password, 'cat /root/mine'), 'kept\n')
})

step('stops it and starts it again', async () => {
  await page.getByRole('link', { name: 'Open container' }).click()
  await page.getByRole('button', { name: 'Stop', exact: true }).click()
  await page.getByRole('dialog', { name: 'Stop from my image?' }).waitFor()
  await page.keyboard.press('Enter')
  await page.getByText('Stopped', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  await page.getByRole('button', { name: 'Start without a GPU' }).click()
  await page.getByText('Running', { exact: true }).waitFor()
  await page.getByText('from my image runs.').waitFor()
  const more = page.getByRole('button', { name: 'More for from my image' })
  const restart = page.getByRole('button', { name: 'Restart container' })
  const ask = async () => {
    await more.click()
    await page.getByRole('menuitem', { name: 'Restart' }).click()
    await restart.waitFor()
  }
  await ask()
  await page.keyboard.press('Escape') // not after all
  await restart.waitFor({ state: 'detached' })
  assert.equal(await more.evaluate((button) => button === document.activeElement), true)
  await ask()
  await restart.click()
  await page.getByText('from my image was restarted.').waitFor({ timeout: 45_000 })
})

step('deletes both, with their names typed in', async () => {
  await page.getByRole('link', { name: 'My containers' }).first().click()
  for (const name of ['from my image', '第一个']) {
    await page.getByRole('button', { name: `More for ${name}` }).click()
    await page.getByRole('menuitem', { name: 'Delete' }).click()
    const really = page.getByRole('button', { name: 'Delete container' })
    assert.equal(await really.isDisabled(), true)
    await page.getByLabel(`Type “${name}” to confirm`).fill(name)
    await really.click()
    await page.getByRole('heading', { name, exact: true }).waitFor({ state: 'detached' })
  }
  await page.getByText('No containers yet').waitFor()
})
