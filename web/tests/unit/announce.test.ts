import { beforeEach, expect, it, vi } from 'vitest'
import { effectScope, nextTick } from 'vue'
import type { Operation } from '@/api/client'

vi.mock('@/lab/live', () => ({ on: () => () => {} }))
const { announceOperations, expectEnd, showsItself } = await import('@/lab/announce')
const { operations } = await import('@/lab/lab')
const { notes } = await import('@/lab/notes')
const { speak } = await import('@/i18n')

await speak('en')
effectScope(true).run(announceOperations)

const problem = { type: 'about:blank', status: 503, code: 'engine', title: 'The engine refused.', title_zh: '', detail: 'no such file' }
const operation = (oid: string, state: Operation['state'], more: Partial<Operation> = {}): Operation => ({
  oid, kind: 'container.create', state, cid: 7, iid: null, subject: oid, steps: [], progress: null,
  problem: state === 'failed' ? problem : null, started_at: '2025-11-25T12:00:00Z', ended_at: null, ...more,
})
async function hear(...list: Operation[]) {
  operations.set(list)
  await nextTick()
}
beforeEach(async () => {
  await hear()
  notes.splice(0)
})

it('tells how an operation ended that was seen running, once', async () => {
  await hear(operation('a', 'running'), operation('old', 'done'))
  await hear(operation('a', 'done'), operation('old', 'done'))
  await hear(operation('a', 'done'), operation('old', 'done'))
  expect(notes.map((n) => n.text)).toEqual(['a is ready.'])
  expect(notes[0]!.link).toEqual({ to: { name: 'container', params: { cid: 7 } }, text: 'Open container' })
})

it('tells of a failure with its reason', async () => {
  await hear(operation('b', 'running'))
  await hear(operation('b', 'failed'))
  expect(notes[0]).toMatchObject({ kind: 'bad', text: 'b could not be created.', detail: 'The engine refused. no such file' })
})

it('leaves an operation to the screen that shows it, and tells it once that screen has gone', async () => {
  showsItself('c')
  const release = showsItself('d')
  await hear(operation('c', 'running'), operation('d', 'running'))
  release()
  await hear(operation('c', 'failed'), operation('d', 'failed'))
  expect(notes.map((n) => n.text)).toEqual(['d could not be created.'])
})

it('tells the end of what it never saw running, if it was begun here', async () => {
  expectEnd('e')
  await hear(operation('e', 'failed'))
  expect(notes.map((n) => n.text)).toEqual(['e could not be created.'])
})

it('tells nothing a second time when a screen shows what is over', async () => {
  await hear(operation('f', 'done'))
  showsItself('f')()
  await hear(operation('f', 'done'))
  expect(notes).toEqual([])
})
