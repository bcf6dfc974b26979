import { serverNow } from './session'

// Numbers for people. Units are written as they are on the machines: GiB are 1024-based and say GB, as everybody does.
export function bytes(value: number, digits = 1): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB', 'PB']
  let unit = 0
  let number = value
  while (number >= 1024 && unit < units.length - 1) {
    number /= 1024
    unit++
  }
  const shown = unit === 0 || number >= 100 ? Math.round(number).toString() : trim(number.toFixed(digits))
  return `${shown}\u00a0${units[unit]}` // never the unit alone on a line
}

export const memory = (mb: number) => bytes(mb * 1024 * 1024)

const trim = (text: string) => text.replace(/\.0+$/, '')

export const percent = (value: number) => `${value >= 10 ? Math.round(value) : trim(value.toFixed(1))}%`

// Seconds of a step: 0.4 s, 12 s, 3 min 20 s.
export function seconds(ms: number): string {
  const s = Math.max(0, ms) / 1000
  if (s < 10) return `${s.toFixed(1)} s`
  if (s < 60) return `${Math.round(s)} s`
  return `${Math.floor(s / 60)} min ${Math.round(s % 60)} s`
}

export interface Age {
  unit: 'now' | 'minutes' | 'hours' | 'days'
  n: number
}
export function ageOf(at: string, now = serverNow()): Age {
  const minutes = Math.floor((now - Date.parse(at)) / 60_000)
  if (minutes < 1) return { unit: 'now', n: 0 }
  if (minutes < 60) return { unit: 'minutes', n: minutes }
  if (minutes < 48 * 60) return { unit: 'hours', n: Math.floor(minutes / 60) }
  return { unit: 'days', n: Math.floor(minutes / 1440) }
}
