import { expect, it } from 'vitest'
import { bytesOf, withCtrl } from '@/lab/terminal_keys'

it('sends what a terminal sends for a key', () => {
  expect(bytesOf('up', false)).toBe('\x1b[A')
  expect(bytesOf('left', true)).toBe('\x1bOD')
  expect(bytesOf('escape', true)).toBe('\x1b')
  expect(['c', 'C', '[', ' ', '好', 'ls'].map(withCtrl)).toEqual(['\x03', '\x03', '\x1b', ' ', '好', 'ls'])
})
