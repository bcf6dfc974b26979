const kSeats = 100

// "7" or "1-30", as people write it; any dash.
export function parseRange(text: string): { first: number; last: number } | null {
  const match = /^\s*(\d{1,3})\s*(?:[-–—~至]\s*(\d{1,3})\s*)?$/.exec(text)
  if (!match) return null
  const first = Number(match[1])
  const last = Number(match[2] ?? match[1])
  return first >= 1 && last <= kSeats && first <= last ? { first, last } : null
}
