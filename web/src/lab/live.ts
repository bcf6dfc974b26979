import { reactive } from 'vue'

// The server's events, as one connection for the whole page. Events say what changed, never how; whoever cares reads
// again. Every (re)connection opens with `hello`, after which everything is read again, so nothing is ever missed.
export type Topic =
  | 'hello'
  | 'container.changed'
  | 'image.changed'
  | 'device.changed'
  | 'operation.changed'
  | 'matlab.changed'
  | 'account.changed'
type Handler = (data: Record<string, unknown>) => void

const kTopics: Topic[] = [
  'hello',
  'container.changed',
  'image.changed',
  'device.changed',
  'operation.changed',
  'matlab.changed',
  'account.changed',
]
const kSilence = 40_000 // the server speaks at least every 15 s
const kGrace = 1_500 // a blink is not worth a word

export const link = reactive({ state: 'off' as 'off' | 'opening' | 'on' | 'lost', version: '' })

const handlers = new Map<Topic, Set<Handler>>()
let source: EventSource | null = null
let graceTimer = 0
let silenceTimer = 0
let retryTimer = 0
let retries = 0

export function on(topic: Topic, handler: Handler): () => void {
  let set = handlers.get(topic)
  if (!set) handlers.set(topic, (set = new Set()))
  set.add(handler)
  return () => set.delete(handler)
}

function emit(topic: Topic, data: Record<string, unknown>) {
  for (const handler of handlers.get(topic) ?? []) handler(data)
}

function heard() {
  clearTimeout(silenceTimer)
  silenceTimer = window.setTimeout(lost, kSilence)
}

function opened(data: Record<string, unknown>) {
  clearTimeout(graceTimer)
  graceTimer = 0
  retries = 0
  link.state = 'on'
  if (typeof data.version === 'string') link.version = data.version
}

function lost() {
  source?.close()
  source = null
  clearTimeout(silenceTimer)
  if (link.state === 'off') return
  graceTimer ||= window.setTimeout(() => (link.state = 'lost'), kGrace)
  clearTimeout(retryTimer)
  retryTimer = window.setTimeout(open, Math.min(10_000, 500 * 2 ** retries++))
}

function open() {
  source?.close()
  source = new EventSource('/api/v1/events')
  source.onerror = lost
  source.addEventListener('ping', heard)
  for (const topic of kTopics) {
    source.addEventListener(topic, (event) => {
      heard()
      let data: Record<string, unknown> = {}
      try {
        data = JSON.parse((event as MessageEvent<string>).data)
      } catch {
        // An event without data still says that something changed.
      }
      if (topic === 'hello') opened(data)
      emit(topic, data)
    })
  }
}

export function follow() {
  if (link.state !== 'off') return
  link.state = 'opening'
  open()
}

export function retryNow() {
  retries = 0
  clearTimeout(retryTimer)
  open()
}

export function unfollow() {
  link.state = 'off'
  clearTimeout(graceTimer)
  clearTimeout(silenceTimer)
  clearTimeout(retryTimer)
  graceTimer = 0
  source?.close()
  source = null
}

window.addEventListener('online', () => link.state === 'lost' && retryNow())
document.addEventListener('visibilitychange', () => {
  if (!document.hidden && link.state === 'lost') retryNow()
})
