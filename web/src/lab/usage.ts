import { computed, onScopeDispose, shallowRef, watch, type Ref } from 'vue'
import { api, must, Refusal, type Schemas } from '@/api/client'

const kHour = 3_600_000

export interface GpuHour {
  gid: number
  samples: Schemas['GpuSample'][]
}

const last = (samples: { at: string }[]) => (samples.length ? Date.parse(samples.at(-1)!.at) : 0)

// What is newer is put behind; what lies more than an hour back from the newest is left out.
export function merge<T extends { at: string }>(old: T[], fresh: T[]): T[] {
  const end = last(old)
  const all = [...old, ...fresh.filter((sample) => Date.parse(sample.at) > end)]
  const newest = last(all)
  return all.filter((sample) => Date.parse(sample.at) > newest - kHour)
}

// A container's last hour, topped up while somebody looks. Nothing is drawn where nothing was measured.
export function useUsage(cid: Ref<number>, active: Ref<boolean>) {
  const samples = shallowRef<Schemas['Sample'][]>([])
  const gpus = shallowRef<GpuHour[]>([])
  const gpusMeasured = shallowRef(true)
  const interval = shallowRef(10)
  let timer = 0
  let run = 0

  // Each series has its own end: a GPU's figures may come a moment later than the others.
  const since = computed(() => {
    const ends = [samples.value, ...gpus.value.map((gpu) => gpu.samples)].filter((s) => s.length).map(last)
    return ends.length ? new Date(Math.min(...ends)).toISOString() : undefined
  })

  async function top(mine: number) {
    try {
      const usage = await must(
        api.GET('/api/v1/containers/{cid}/usage', { params: { path: { cid: cid.value }, query: { since: since.value } } }),
      )
      if (mine !== run) return
      interval.value = usage.interval_s
      gpusMeasured.value = usage.gpus_measured
      samples.value = merge(samples.value, usage.samples)
      gpus.value = usage.gpus.map(({ gid, samples: fresh }) => ({
        gid,
        samples: merge(gpus.value.find((gpu) => gpu.gid === gid)?.samples ?? [], fresh),
      }))
    } catch (error) {
      if (!(error instanceof Refusal)) throw error // the next turn may do better
    }
  }
  function schedule(mine: number) {
    timer = window.setTimeout(async () => {
      if (!document.hidden) await top(mine)
      if (mine === run) schedule(mine)
    }, Math.max(2, interval.value) * 1000)
  }
  watch(
    [cid, active],
    () => {
      const mine = ++run
      clearTimeout(timer)
      samples.value = []
      gpus.value = []
      gpusMeasured.value = true
      if (!active.value) return
      void top(mine).then(() => mine === run && schedule(mine))
    },
    { immediate: true },
  )
  onScopeDispose(() => {
    run++
    clearTimeout(timer)
  })
  return { samples, gpus, gpusMeasured, interval }
}
