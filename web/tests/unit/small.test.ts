import { describe, expect, it } from 'vitest'
import { connectionOf } from '@/lab/connect'
import { ageOf, bytes, memory, percent, seconds } from '@/lab/format'
import { parseRange } from '@/lab/range'
import { target, typeText } from '@/lab/openapi'
import { nextAfterLogin } from '@/router'

it('writes sizes as people read them', () => {
  expect(bytes(0)).toBe('0\u00a0B')
  expect(bytes(1536)).toBe('1.5\u00a0KB')
  expect(bytes(3520950239)).toBe('3.3\u00a0GB')
  expect(bytes(250 * 1024 ** 3)).toBe('250\u00a0GB')
  expect(memory(4096)).toBe('4\u00a0GB')
  expect(percent(2.74)).toBe('2.7%')
  expect(percent(57.5)).toBe('58%')
})

it('writes times as people read them', () => {
  expect(seconds(420)).toBe('0.4 s')
  expect(seconds(12_300)).toBe('12 s')
  expect(seconds(200_000)).toBe('3 min 20 s')
  expect(seconds(-5)).toBe('0.0 s')
  const now = Date.parse('2025-11-25T12:00:00Z')
  expect(ageOf('2025-11-25T11:59:40Z', now)).toEqual({ unit: 'now', n: 0 })
  expect(ageOf('2025-11-25T11:01:00Z', now)).toEqual({ unit: 'minutes', n: 59 })
  expect(ageOf('2025-11-23T13:00:00Z', now)).toEqual({ unit: 'hours', n: 47 })
  expect(ageOf('2025-11-20T12:00:00Z', now)).toEqual({ unit: 'days', n: 5 })
  expect(ageOf('2025-11-25T12:00:09Z', now).unit).toBe('now')
})

describe('parseRange', () => {
  it('takes one number, or a range with any dash', () => {
    expect(parseRange('7')).toEqual({ first: 7, last: 7 })
    expect(parseRange(' 1 - 30 ')).toEqual({ first: 1, last: 30 })
    expect(parseRange('1–100')).toEqual({ first: 1, last: 100 })
    expect(parseRange('3至5')).toEqual({ first: 3, last: 5 })
  })
  it.each(['', '0', '0-3', '1-101', '30-1', '1-', 'a', '1,2', '-1'])('refuses %j', (text) => expect(parseRange(text)).toBeNull())
})

it('makes lines to connect with', () => {
  const ports = { ssh: 6001, jupyter: 6002, tensorboard: 6003 }
  expect(connectionOf({ ip: '10.0.0.2', ports })).toEqual({
    ssh: 'ssh root@10.0.0.2 -p 6001', jupyter: 'http://10.0.0.2:6002/', tensorboard: 'http://10.0.0.2:6003/',
  })
  expect(connectionOf({ ip: 'fd00::2', ports }).jupyter).toBe('http://[fd00::2]:6002/')
  expect(connectionOf({ ip: 'fd00::2', ports }).ssh).toBe('ssh root@fd00::2 -p 6001')
})

it('goes nowhere but this page after a log-in', () => {
  expect(nextAfterLogin('/ui/new?gid=3')).toBe('/ui/new?gid=3')
  for (const bad of ['//evil.example', 'https://evil.example', 'javascript:alert(1)', '', undefined, ['/x']]) expect(nextAfterLogin(bad)).toBe('/')
})

it('shows types of the description', () => {
  const gpu = { $ref: '#/components/schemas/Gpu' }
  expect(typeText({ type: 'array', items: gpu })).toBe('Gpu[]')
  expect(typeText({ anyOf: [gpu, { type: 'null' }] })).toBe('Gpu | null')
  expect(typeText({ type: ['string', 'null'], format: 'date-time' })).toBe('date-time | null')
  expect(typeText({ type: 'string', enum: ['a', 'b'] })).toBe('"a" | "b"')
  expect(target({ type: 'array', items: gpu })).toBe('Gpu')
  expect(target({ type: 'string' })).toBeNull()
})
