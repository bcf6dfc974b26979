import { expect, it, vi } from 'vitest'
import { effectScope } from 'vue'
import { Refusal, type Event } from '@/api/client'

vi.mock('@/lab/live', () => ({ on: () => () => {} }))
const { useHistory } = await import('@/lab/history')

// The events 1 to `count`, newest first, as the server gives them: `after` is the number of the last one seen.
function lab(count: number) {
  const get = vi.fn(async ({ limit, after = count + 1 }: { limit: number; after?: number }) => {
    const items = Array.from({ length: Math.min(limit, after - 1) }, (_, n) => ({ action: String(after - 1 - n) }) as Event)
    return { items, next: items.length === limit ? after - items.length : null }
  })
  return { get, happen: (n: number) => (count += n) }
}
const begin = (get: Parameters<typeof useHistory>[0], step: number) => effectScope().run(() => useHistory(get, step, {}))!
const numbers = ({ list }: ReturnType<typeof useHistory>) => list.data!.items.map((e) => Number(e.action))

it('shows the newest, and older ones when asked, without a gap where more has happened meanwhile', async () => {
  const { get, happen } = lab(5)
  const history = begin(get, 2)
  await history.list.refresh()
  expect(numbers(history)).toEqual([5, 4])
  expect(history.more.value).toBe(true)
  happen(3)
  await history.older()
  expect(numbers(history)).toEqual([8, 7, 6, 5])
  await history.older()
  await history.older()
  expect(numbers(history)).toEqual([8, 7, 6, 5, 4, 3, 2, 1])
  await history.older()
  expect(history.more.value).toBe(false)
  expect(history.canAsk.value).toBe(false)
})

it('asks for no more at once than an answer may have, and for no more in all than a table should', async () => {
  const { get } = lab(9000)
  const history = begin(get, 2500)
  await history.list.refresh()
  expect(Math.max(...get.mock.calls.map(([query]) => query.limit))).toBe(1000)
  for (let n = 0; n < 3; n++) await history.older()
  expect(numbers(history)).toHaveLength(5000)
  expect(history.more.value).toBe(true)
  expect(history.canAsk.value).toBe(false)
})

it('keeps what is shown when older ones cannot be had, and says so', async () => {
  const { get } = lab(5)
  const history = begin(get, 2)
  await history.list.refresh()
  get.mockRejectedValueOnce(new Refusal({ type: 'about:blank', status: 0, code: 'offline', title: '', title_zh: '' }))
  await history.older()
  expect(numbers(history)).toEqual([5, 4])
  expect(history.missed.value?.code).toBe('offline')
  await history.list.refresh()
  expect(numbers(history)).toEqual([5, 4, 3, 2])
  expect(history.missed.value).toBeNull()
})
