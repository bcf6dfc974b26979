import { beforeEach, expect, it, vi } from 'vitest'
import { effectScope, nextTick } from 'vue'
import type { Operation, Problem } from '@/api/client'

const problem = (title: string): Problem => ({ type: 'about:blank', status: 503, code: 'engine', title, title_zh: '' })
const begun: number[] = []
const call = async (_: string, { params }: { params: { path: { user_id: number } } }) => {
  const user = params.path.user_id
  if (user === 9) throw new Refusal(problem('Busy.'))
  begun.push(user)
  return { oid: `of-${user}` }
}
vi.mock('@/lab/live', () => ({ on: () => () => {} }))
vi.mock('@/api/client', async (original) => ({
  ...(await original<typeof import('@/api/client')>()),
  api: { POST: call, DELETE: call, GET: async () => ({ items: [], next: null }) },
  must: (answer: unknown) => answer,
  whole: async () => [],
}))
const { Refusal } = await import('@/api/client')
const { announceOperations } = await import('@/lab/announce')
const { operations } = await import('@/lab/lab')
const { classWork, isOver, workOnClass } = await import('@/lab/matlab')
const { notes } = await import('@/lab/notes')
const { speak } = await import('@/i18n')

await speak('en')
effectScope(true).run(announceOperations)

const ended = (user: number, why?: string): Operation => ({
  oid: `of-${user}`, kind: 'matlab.delete', state: why ? 'failed' : 'done', cid: null, iid: null, subject: `matlab-user-${user}`, steps: [],
  progress: null, problem: why ? problem(why) : null, started_at: '2025-11-25T12:00:00Z', ended_at: '2025-11-25T12:00:01Z',
})
async function hear(...list: Operation[]) {
  operations.set(list)
  for (let n = 0; n < 20; n++) await nextTick()
}
beforeEach(async () => {
  await hear()
  begun.length = notes.length = 0
})

it('ends a class four at a time, each told by its own end alone, and names those that failed', async () => {
  const all = workOnClass('end', [1, 2, 3, 4, 5, 9])
  await hear()
  expect(begun).toEqual([1, 2, 3, 4])
  await hear(ended(2), ended(3, 'The engine refused.'))
  expect(begun).toEqual([1, 2, 3, 4, 5])
  expect(classWork.value!.failed).toEqual([{ user: 3, why: 'The engine refused.' }, { user: 9, why: 'Busy.' }])
  expect(isOver(classWork.value!)).toBe(false)
  await hear(ended(1), ended(4), ended(5))
  await all
  expect(classWork.value).toMatchObject({ done: 4 })
  expect(isOver(classWork.value!)).toBe(true)
  expect(notes.map((n) => n.text)).toEqual(['MATLAB sessions 3, 9 could not be ended.'])
})

it('says so when a whole class was restarted', async () => {
  const all = workOnClass('restart', [1, 2, 3])
  await hear()
  await hear(ended(1), ended(2), ended(3))
  await all
  expect(notes.map((n) => n.text)).toEqual(['MATLAB sessions 1–3 were restarted.'])
})
