import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { effectScope } from 'vue'
import { Refusal } from '@/api/client'

const handlers = new Map<string, Set<(data: Record<string, unknown>) => void>>()
vi.mock('@/lab/live', () => ({
  on(topic: string, handler: (data: Record<string, unknown>) => void) {
    const set = handlers.get(topic) ?? new Set()
    handlers.set(topic, set.add(handler))
    return () => set.delete(handler)
  },
}))
const { makeResource } = await import('@/lab/resource')
const emit = (topic: string, data = {}) => handlers.get(topic)?.forEach((handler) => handler(data))

function slow() {
  const waiting: ((value: number) => void)[] = []
  const read = vi.fn(() => new Promise<number>((resolve) => waiting.push(resolve)))
  return { read, answer: async (value: number) => (waiting.shift()!(value), await vi.advanceTimersByTimeAsync(0)) }
}
beforeEach(() => vi.useFakeTimers())
afterEach(() => {
  handlers.clear()
  vi.useRealTimers()
})

it('reads once more for all the changes during a read, never two at a time', async () => {
  const { read, answer } = slow()
  const scope = effectScope()
  const resource = scope.run(() => makeResource(read, { topics: ['container.changed'] }).use())!
  emit('container.changed')
  emit('container.changed')
  expect(read).toHaveBeenCalledTimes(1)
  await answer(1)
  expect(read).toHaveBeenCalledTimes(2)
  await answer(2)
  expect(read).toHaveBeenCalledTimes(2)
  expect(resource.data).toBe(2)
  scope.stop()
})

it('keeps what it has when a newer read is refused', async () => {
  const problem = { type: 'about:blank', status: 503, code: 'unavailable', title: '', title_zh: '' }
  const read = vi.fn().mockResolvedValueOnce('old').mockRejectedValueOnce(new Refusal(problem)).mockResolvedValueOnce('new')
  const resource = makeResource(read)
  await resource.refresh()
  await resource.refresh()
  expect(resource.data).toBe('old')
  expect(resource.failure?.code).toBe('unavailable')
  await resource.refresh()
  expect([resource.data, resource.failure]).toEqual(['new', null])
})

it('polls and listens only while somebody uses it', async () => {
  const read = vi.fn().mockResolvedValue(0)
  const resource = makeResource(read, { topics: ['device.changed'], every: 1000 })
  const one = effectScope()
  const two = effectScope()
  one.run(() => resource.use())
  two.run(() => resource.use())
  await vi.advanceTimersByTimeAsync(2500)
  expect(read).toHaveBeenCalledTimes(3)
  one.stop()
  await vi.advanceTimersByTimeAsync(1000)
  expect(read).toHaveBeenCalledTimes(4)
  two.stop()
  emit('device.changed')
  emit('hello')
  await vi.advanceTimersByTimeAsync(5000)
  expect(read).toHaveBeenCalledTimes(4)
})

it('reads everything again after a reconnection', async () => {
  const read = vi.fn().mockResolvedValue(0)
  const scope = effectScope()
  scope.run(() => makeResource(read).use())
  await vi.advanceTimersByTimeAsync(0)
  emit('hello')
  await vi.advanceTimersByTimeAsync(0)
  expect(read).toHaveBeenCalledTimes(2)
  scope.stop()
})

it('cares only for what concerns it', async () => {
  const read = vi.fn().mockResolvedValue(0)
  const scope = effectScope()
  scope.run(() => makeResource(read, { topics: ['container.changed'], concerns: (data) => data.cid === 7 }).use())
  await vi.advanceTimersByTimeAsync(0)
  emit('container.changed', { cid: 8 })
  expect(read).toHaveBeenCalledTimes(1)
  emit('container.changed', { cid: 7 })
  await vi.advanceTimersByTimeAsync(0)
  expect(read).toHaveBeenCalledTimes(2)
  scope.stop()
})
