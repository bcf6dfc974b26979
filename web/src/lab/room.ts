import type { Container, Device, Gpu, Image } from '@/api/client'

// What fits where. The server decides; this is the same sum done beforehand, to show it.
export interface Amount {
  cpu: number
  memory_mb: number
}

export const left = (device: Device): Amount => ({
  cpu: Math.max(0, device.total.cpu - device.used.cpu),
  memory_mb: Math.max(0, device.total.memory_mb - device.used.memory_mb),
})

export const freeGpus = (device: Device): Gpu[] => device.gpus.filter((gpu) => gpu.state === 'free')

const share = (used: number, total: number) => (total > 0 ? used / total : 1)
export const fullness = (device: Device) =>
  Math.max(share(device.used.cpu, device.total.cpu), share(device.used.memory_mb, device.total.memory_mb))

const takesContainers = (device: Device) =>
  device.state === 'ready' && left(device).cpu >= 1 && left(device).memory_mb >= 64

// Where a new container goes when nobody says where: a device with a free GPU before one without, among those the one
// that has promised least, and only one that has an image to start from.
export function leastLoaded(devices: Device[], images: Image[]): Device | undefined {
  const usable = devices.filter((d) => takesContainers(d) && images.some((i) => i.did === d.did && i.state === 'ready'))
  const rank = (device: Device) => (freeGpus(device).length > 0 ? 0 : 1)
  return usable.sort((a, b) => rank(a) - rank(b) || fullness(a) - fullness(b) || a.did - b.did)[0]
}

const round = (n: number) => (n > 8 ? Math.floor(n / 4) * 4 : Math.floor(n))

// A fair part of the device for so many of its GPUs, in round numbers, never more than is left.
export function suggestSize(device: Device, gpus: number): Amount {
  const cards = device.gpus.length
  const part = cards > 0 ? Math.max(gpus, 0.5) / cards : 0.125
  const room = left(device)
  const cpu = Math.max(1, Math.min(room.cpu, round(device.total.cpu * part * 0.9)))
  const gib = round((device.total.memory_mb * part * 0.9) / 1024)
  return { cpu, memory_mb: Math.max(64, Math.min(room.memory_mb, Math.max(1, gib) * 1024)) }
}

export type Obstacle = 'unreachable' | 'retired' | 'draining' | 'cpu' | 'memory' | 'gpu'

// Why this does not fit on the device right now; empty: it fits.
export function obstacles(device: Device, wanted: Amount, gpus: number[]): Obstacle[] {
  if (device.state !== 'ready') return [device.state]
  const room = left(device)
  const found: Obstacle[] = []
  if (wanted.cpu > room.cpu) found.push('cpu')
  if (wanted.memory_mb > room.memory_mb) found.push('memory')
  const free = new Set(freeGpus(device).map((gpu) => gpu.gid))
  if (gpus.some((gid) => !free.has(gid))) found.push('gpu')
  return found
}

export interface Wish extends Amount {
  gpus: number[]
}

// The nearest that fits there now: other GPUs for those that are taken, as many cores and as much memory as are left.
// Null where nothing like it would.
export function nearest(device: Device, wanted: Wish): Wish | null {
  const room = left(device)
  if (!takesContainers(device)) return null
  const free = freeGpus(device).map((gpu) => gpu.gid)
  const kept = wanted.gpus.filter((gid) => free.includes(gid))
  const others = free.filter((gid) => !kept.includes(gid)).slice(0, wanted.gpus.length - kept.length)
  const gpus = [...kept, ...others].sort((a, b) => a - b)
  if (wanted.gpus.length > 0 && gpus.length === 0) return null
  return { cpu: Math.min(wanted.cpu, room.cpu), memory_mb: Math.min(wanted.memory_mb, room.memory_mb), gpus }
}

// Other devices where as much, with as many GPUs, would fit now.
export function alternatives(devices: Device[], except: number, wanted: Amount, gpus: number): Device[] {
  return devices.filter(
    (d) =>
      d.did !== except &&
      d.state === 'ready' &&
      left(d).cpu >= wanted.cpu &&
      left(d).memory_mb >= wanted.memory_mb &&
      freeGpus(d).length >= gpus,
  )
}

// A name nobody has yet: "work", "work-2", ...
export function suggestName(base: string, containers: Container[]): string {
  const taken = new Set(containers.map((c) => c.name))
  for (let n = 1; ; n++) {
    const name = n === 1 ? base : `${base}-${n}`
    if (!taken.has(name)) return name
  }
}

export interface GpuCount {
  free: number
  mine: number
  used: number
  unknown: number
  total: number
}
export function countGpus(devices: Device[]): GpuCount {
  const count: GpuCount = { free: 0, mine: 0, used: 0, unknown: 0, total: 0 }
  for (const gpu of devices.flatMap((d) => d.gpus)) {
    count[gpu.state]++
    count.total++
  }
  return count
}
