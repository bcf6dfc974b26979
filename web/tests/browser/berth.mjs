// A real Berth over a real engine, for one file of tests: tests/harness/lab.py starts it and does what only the machine can.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { request } from 'playwright-core'

const kTests = fileURLToPath(new URL('../../../tests', import.meta.url))
const kPassword = 'correct horse'

// `options`: --workspace, --gpus, --matlab. Debian's own Python, which has the harness's packages.
export async function startBerth(...options) {
  const child = spawn('/usr/bin/python3', ['-m', 'harness.lab', ...options], { cwd: kTests, stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const contexts = []
  let people = 0

  async function answer() {
    const { value, done } = await lines.next()
    if (done) throw new Error('the lab has ended')
    const told = JSON.parse(value)
    if (told.error) throw new Error(told.error)
    return told.answer
  }
  function ask(what, more = {}) {
    child.stdin.write(`${JSON.stringify({ do: what, ...more })}\n`)
    return answer()
  }

  const url = await answer()
  const newcomer = (stem = 'person') => {
    const username = `${stem}-${++people}`
    return { username, email: `${username}@lab.test`, password: kPassword }
  }

  // Somebody else, who acts without a browser.
  async function logIn(person) {
    const context = await request.newContext({ baseURL: url })
    contexts.push(context)
    const call = async (method, path, data) => {
      const response = await context.fetch(`/api/v1${path}`, { method, data })
      if (!response.ok()) throw new Error(`${method} ${path}: ${response.status()} ${await response.text()}`)
      return response.status() === 204 ? null : response.json()
    }
    await call('POST', '/session', { username: person.username, password: person.password })
    return call
  }
  return {
    url,
    stop: () => ask('stop'),
    start: () => ask('start'),
    cli: (...words) => ask('cli', { words }),
    brokenImage: () => ask('broken_image'),
    newcomer,
    logIn,
    async member(stem) {
      const person = newcomer(stem)
      await (await request.newContext({ baseURL: url })).post('/api/v1/register', { data: person })
      return person
    },
    async admin(stem = 'admin') {
      const person = newcomer(stem)
      const words = ['user', 'add', person.username, '--role', 'admin', '--email', person.email, '--password-stdin']
      await ask('cli', { words, stdin: `${kPassword}\n` })
      return person
    },
    async close() {
      await Promise.all(contexts.map((context) => context.dispose()))
      child.stdin.end()
      const [code] = await ended
      if (code !== 0) throw new Error(`the lab ended with ${code}`)
    },
  }
}

// Calls `check` until it gives something truthy, and returns that; what it throws counts as not yet.
export async function eventually(check, within = 30_000) {
  const deadline = Date.now() + within
  for (;;) {
    let last
    try {
      last = await check()
      if (last) return last
    } catch (error) {
      last = error
    }
    if (Date.now() > deadline) throw new Error(`not within ${within} ms: ${check}`, { cause: last })
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
