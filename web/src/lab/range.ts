const kSeats = 100

export interface Range {
  first: number
  last: number
}

// "7" or "1-30", as people write it; any dash.
export function parseRange(text: string): Range | null {
  const match = /^\s*(\d{1,3})\s*(?:[-–—~至]\s*(\d{1,3})\s*)?$/.exec(text)
  if (!match) return null
  const first = Number(match[1])
  const last = Number(match[2] ?? match[1])
  return first >= 1 && last <= kSeats && first <= last ? { first, last } : null
}

// Whose sessions an operation works on, from its subject: "matlab-user-1 to matlab-user-30".
export function rangeOf(subject: string): Range | null {
  const match = /^matlab-user-(\d+)(?: to matlab-user-(\d+))?$/.exec(subject)
  return match ? { first: Number(match[1]), last: Number(match[2] ?? match[1]) } : null
}

export const inRange = (range: Range | null, n: number) => range !== null && range.first <= n && n <= range.last

export const numbersOf = ({ first, last }: Range) => Array.from({ length: last - first + 1 }, (_, n) => first + n)

// [1, 2, 3, 7] as "1–3" and "7".
export function writeNumbers(numbers: number[]): string[] {
  const ranges: Range[] = []
  for (const n of [...numbers].sort((a, b) => a - b)) {
    const before = ranges.at(-1)
    if (before && n <= before.last + 1) before.last = n
    else ranges.push({ first: n, last: n })
  }
  return ranges.map(({ first, last }) => (first === last ? `${first}` : `${first}–${last}`))
}
