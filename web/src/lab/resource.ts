import { getCurrentScope, onScopeDispose, shallowReactive } from 'vue'
import { Refusal } from '@/api/client'
import { on, type Topic } from './live'

// One thing read from the server and kept true: read when first used, again after each of `topics` and every `every`
// milliseconds while somebody uses it and the page is visible. Reads never overlap; a change during a read makes
// one more. What was read last stays while a newer read fails.
export interface Resource<T> {
  data: T | undefined
  failure: Refusal | null
  refresh(): Promise<void>
  set(data: T): void
  use(): Resource<T>
}

export interface Options {
  topics?: Topic[]
  every?: number
  concerns?: (data: Record<string, unknown>) => boolean // is this event about it?
}

export function makeResource<T>(read: () => Promise<T>, options: Options = {}): Resource<T> {
  let reading: Promise<void> | null = null
  let again = false
  let users = 0
  let timer = 0
  let unsubscribe: (() => void)[] = []

  async function readOnce() {
    try {
      resource.data = await read()
      resource.failure = null
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      resource.failure = error
    }
  }
  async function readAll() {
    do {
      again = false
      await readOnce()
    } while (again)
  }
  function refresh(): Promise<void> {
    if (reading) again = true
    else reading = readAll().finally(() => (reading = null))
    return reading
  }
  function poll() {
    timer = window.setTimeout(async () => {
      if (!document.hidden) await refresh()
      if (users > 0) poll()
    }, options.every)
  }
  function begin() {
    unsubscribe = [on('hello', () => void refresh())]
    for (const topic of options.topics ?? []) {
      unsubscribe.push(on(topic, (data) => (options.concerns?.(data) ?? true) && void refresh()))
    }
    if (options.every) poll()
    void refresh()
  }
  function end() {
    clearTimeout(timer)
    for (const stop of unsubscribe) stop()
  }

  const resource: Resource<T> = shallowReactive({
    data: undefined,
    failure: null,
    refresh,
    set: (data: T) => void (resource.data = data),
    use() {
      if (users++ === 0) begin()
      if (getCurrentScope()) onScopeDispose(() => --users === 0 && end())
      return resource
    },
  })
  return resource
}
