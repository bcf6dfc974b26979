import { expect, it } from 'vitest'
import { isOpening, letsIn } from '@/lab/doors'
import { merge } from '@/lab/usage'
import type { Operation } from '@/api/client'

const at = (second: number) => ({ at: new Date(1_764_000_000_000 + second * 1000).toISOString() })

it('tops a curve up with what is newer, and keeps an hour of it', () => {
  const old = [at(0), at(10), at(20)]
  expect(merge(old, [at(10), at(20), at(30)])).toEqual([at(0), at(10), at(20), at(30)])
  expect(merge(old, [])).toEqual(old)
  expect(merge(old, [at(3610)])).toEqual([at(20), at(3610)])
})

const coming = (reachable: string, jupyter: string, state = 'running') =>
  ({ state, steps: [{ name: 'reachable', state: reachable }, { name: 'jupyter', state: jupyter }] }) as unknown as Operation

it('opens each door when it answers', () => {
  expect(letsIn(coming('running', 'running'))).toBe(false)
  expect(letsIn(coming('done', 'running'))).toBe(true)
  expect(isOpening(coming('done', 'running'), 'jupyter')).toBe(true)
  expect(isOpening(coming('done', 'done'), 'jupyter')).toBe(false)
  expect(isOpening(coming('done', 'failed'), 'jupyter')).toBe(false)
  expect(isOpening(coming('done', 'done', 'done'), 'jupyter')).toBe(false)
  expect(isOpening(undefined, 'jupyter')).toBe(false)
  expect(letsIn({ state: 'running', steps: [{ name: 'stopping', state: 'running' }] } as unknown as Operation)).toBe(false)
})
