import { describe, expect, it } from 'vitest'
import type { Container, Device, Image } from '@/api/client'
import { alternatives, countGpus, leastLoaded, nearest, obstacles, suggestName, suggestSize } from '@/lab/room'

let nextGid = 1
function device(did: number, more: Partial<Device> & { states?: Device['gpus'][number]['state'][] } = {}): Device {
  const { states = [], ...rest } = more
  return {
    did, name: `d${did}`, ip: '10.0.0.1', cpu_name: 'x', state: 'ready', total: { cpu: 32, memory_mb: 65536 }, used: { cpu: 0, memory_mb: 0 },
    load: null, containers: 0, admin: null,
    gpus: states.map((state) => ({ gid: nextGid++, model: 'm', state, holder: null, cid: null, since: null, load: null })),
    ...rest,
  }
}
const image = (did: number, state: Image['state'] = 'ready') => ({ iid: did, did, state }) as Image

describe('leastLoaded', () => {
  const images = [image(1), image(2), image(3)]
  it('prefers a free GPU over an emptier machine without one', () => {
    const busy = device(1, { states: ['free'], used: { cpu: 16, memory_mb: 0 } })
    expect(leastLoaded([device(2), busy], images)).toBe(busy)
  })
  it('takes the one that has promised least, by what is scarcest there', () => {
    const fullMemory = device(1, { states: ['free'], used: { cpu: 0, memory_mb: 60000 } })
    const half = device(2, { states: ['free'], used: { cpu: 16, memory_mb: 0 } })
    expect(leastLoaded([fullMemory, half], images)).toBe(half)
  })
  it('never one that is away, full, or without an image', () => {
    const away = device(1, { state: 'unreachable', states: ['free'] })
    const full = device(2, { used: { cpu: 32, memory_mb: 0 } })
    expect(leastLoaded([away, full, device(4)], images)).toBeUndefined()
    expect(leastLoaded([device(3)], [image(3, 'saving')])).toBeUndefined()
  })
})

describe('suggestSize', () => {
  it('gives a fair part of the machine for each GPU', () => {
    const d = device(1, { states: ['free', 'free', 'free', 'free'] })
    expect(suggestSize(d, 1)).toEqual({ cpu: 7, memory_mb: 12 * 1024 })
    expect(suggestSize(d, 2).cpu).toBe(12)
  })
  it('never more than is left, never nothing', () => {
    const d = device(1, { states: ['free'], used: { cpu: 31, memory_mb: 65536 - 512 } })
    expect(suggestSize(d, 1)).toEqual({ cpu: 1, memory_mb: 512 })
  })
})

describe('obstacles', () => {
  it('names all that does not fit', () => {
    const d = device(1, { states: ['used', 'free'], used: { cpu: 30, memory_mb: 60000 } })
    expect(obstacles(d, { cpu: 3, memory_mb: 8192 }, [d.gpus[0]!.gid])).toEqual(['cpu', 'memory', 'gpu'])
    expect(obstacles(d, { cpu: 2, memory_mb: 1024 }, [d.gpus[1]!.gid])).toEqual([])
  })
  it('says first that nobody answers', () => {
    expect(obstacles(device(1, { state: 'unreachable' }), { cpu: 999, memory_mb: 1 }, [])).toEqual(['unreachable'])
    expect(obstacles(device(1, { state: 'draining' }), { cpu: 1, memory_mb: 64 }, [])).toEqual(['draining'])
  })
})

describe('nearest', () => {
  const d = device(1, { states: ['used', 'free', 'free'], used: { cpu: 28, memory_mb: 61440 } })
  const [taken, second, third] = d.gpus.map((gpu) => gpu.gid) as [number, number, number]
  it('keeps what is free, and takes another for what is not', () => {
    expect(nearest(d, { cpu: 2, memory_mb: 1024, gpus: [taken, third] })).toEqual({ cpu: 2, memory_mb: 1024, gpus: [second, third] })
  })
  it('takes as much as is left', () => {
    expect(nearest(d, { cpu: 8, memory_mb: 8192, gpus: [] })).toEqual({ cpu: 4, memory_mb: 4096, gpus: [] })
  })
  it('is nothing where no GPU is left, or nobody answers', () => {
    expect(nearest(device(2, { states: ['used'] }), { cpu: 1, memory_mb: 64, gpus: [1] })).toBeNull()
    expect(nearest(device(3, { state: 'unreachable' }), { cpu: 1, memory_mb: 64, gpus: [] })).toBeNull()
  })
})

it('offers other machines that have as many free GPUs', () => {
  const here = device(1, { states: ['used'] })
  const there = device(2, { states: ['free', 'used'] })
  expect(alternatives([here, there, device(3)], 1, { cpu: 4, memory_mb: 1024 }, 1)).toEqual([there])
})

it('suggests a name that is not taken', () => {
  const named = (name: string) => ({ name }) as Container
  expect(suggestName('work', [])).toBe('work')
  expect(suggestName('work', [named('work'), named('work-2')])).toBe('work-3')
})

it('counts every GPU once', () => {
  const count = countGpus([device(1, { states: ['free', 'mine'] }), device(2, { states: ['used', 'unknown', 'used'] })])
  expect(count).toEqual({ free: 1, mine: 1, used: 2, unknown: 1, total: 5 })
})
