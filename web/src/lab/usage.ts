import { onScopeDispose, shallowRef, watch, type Ref } from 'vue'
import { api, must, Refusal, type Schemas } from '@/api/client'

type Sample = Schemas['Sample']
const kHour = 3_600_000

// A container's last hour, topped up while somebody looks. Nothing is drawn where nothing was measured.
export function useUsage(cid: Ref<number>, active: Ref<boolean>) {
  const samples = shallowRef<Sample[]>([])
  const interval = shallowRef(10)
  let timer = 0
  let run = 0

  async function top(mine: number) {
    const since = samples.value.at(-1)?.at
    try {
      const usage = await must(
        api.GET('/api/v1/containers/{cid}/usage', { params: { path: { cid: cid.value }, query: { since } } }),
      )
      if (mine !== run) return
      interval.value = usage.interval_s
      const all = [...samples.value, ...usage.samples]
      const newest = all.length ? Date.parse(all.at(-1)!.at) : 0
      samples.value = all.filter((sample) => Date.parse(sample.at) > newest - kHour)
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
      if (!active.value) return
      void top(mine).then(() => mine === run && schedule(mine))
    },
    { immediate: true },
  )
  onScopeDispose(() => {
    run++
    clearTimeout(timer)
  })
  return { samples, interval }
}
