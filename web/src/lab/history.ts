import { computed, ref } from 'vue'
import type { Event, Schemas } from '@/api/client'
import { makeResource, type Options } from './resource'

const kPage = 1000 // as many as one answer may have
const kMost = 5000 // as many as one table should have
type Get = (query: { limit: number; after?: number }) => Promise<Schemas['EventPage']>

async function newest(get: Get, wanted: number) {
  const items: Event[] = []
  let after: number | undefined
  while (items.length < wanted) {
    const page = await get({ limit: Math.min(kPage, wanted - items.length), after })
    items.push(...page.items)
    if (page.next === null) return { items, more: false }
    after = page.next
  }
  return { items, more: true }
}

// The newest of what happened, and `step` older ones each time they are asked for. All of it is read anew after a change, so
// that what comes in at its head leaves no gap further down.
export function useHistory(get: Get, step: number, options: Options) {
  const wanted = ref(step)
  const asking = ref(false)
  const list = makeResource(() => newest(get, wanted.value), options).use()
  const more = computed(() => list.data?.more ?? false)
  async function older() {
    if (asking.value) return
    asking.value = true
    wanted.value = Math.min(kMost, Math.max(wanted.value, list.data?.items.length ?? 0) + step)
    await list.refresh()
    asking.value = false
  }
  return {
    list,
    older,
    asking,
    more,
    canAsk: computed(() => more.value && (list.data?.items.length ?? 0) < kMost),
    missed: computed(() => (list.data && more.value && list.data.items.length < wanted.value ? list.failure : null)),
  }
}
