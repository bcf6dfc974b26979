// `berth demo` on free ports, and the people in it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { after, before } from 'node:test'
import { fileURLToPath } from 'node:url'
import { openBrowser } from './browser.mjs'

const kBinary = process.env.BERTH_BINARY ?? fileURLToPath(new URL('../../../build/release/src/berth', import.meta.url))
const kPassword = 'berth-demo'

export const kPeople = {
  admin: { username: 'prof.liu', password: kPassword },
  member: { username: 'lin.wei', password: kPassword },
  newcomer: { username: 'wang.xin', email: 'wang.xin@lab.example.edu', password: kPassword },
}

export async function startDemo() {
  const child = spawn(kBinary, ['demo', '--listen', '127.0.0.1:0', '--matlab-listen', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'ignore'] })
  const ended = once(child, 'exit')
  let url
  for await (const line of createInterface({ input: child.stdout })) {
    url = /^platform (\S+)$/.exec(line)?.[1]
    if (url) break
  }
  if (!url) throw new Error('berth demo did not begin to serve')
  child.stdout.resume()
  const answer = await fetch(`${url}/api/v1/register`, {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(kPeople.newcomer),
  })
  if (!answer.ok) throw new Error(`registering the newcomer: ${answer.status} ${await answer.text()}`)
  return {
    url,
    async close() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

// For the tests of a file: a demo and a browser, there when the first of them begins.
export function useDemo() {
  const used = {}
  before(async () => {
    used.demo = await startDemo()
    used.browser = await openBrowser()
  })
  after(async () => {
    await used.browser?.close()
    await used.demo?.close()
  })
  return used
}
