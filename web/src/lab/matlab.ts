import { ref, watch } from 'vue'
import { api, must, Refusal, whole, type Matlab, type Operation, type Problem } from '@/api/client'
import { i18n } from '@/i18n'
import { problemText } from '@/i18n/problem'
import { showsItself } from './announce'
import { operationOf } from './lab'
import { useNotes } from './notes'
import { inParallel } from './parallel'
import { writeNumbers } from './range'
import { makeResource } from './resource'
import { session } from './session'

export const sessions = makeResource(() => whole((after) => api.GET('/api/v1/matlab', { params: { query: { after } } })), {
  topics: ['matlab.changed'],
  every: 5_000,
})
export const healthy = (s: Matlab) => s.state === 'running' && s.web === true && s.websocket === true

const path = (user_id: number) => ({ params: { path: { user_id } } })
const calls = {
  restart: (user: number) => must(api.POST('/api/v1/matlab/{user_id}/restart', path(user))),
  end: (user: number) => must(api.DELETE('/api/v1/matlab/{user_id}', path(user))),
}
export const restart = (user: number) => calls.restart(user).then(sessions.refresh)
export const end = (user: number) => calls.end(user).then(sessions.refresh)

// A whole class restarted or ended: one call after the other, a few at a time. It goes on while one looks at another
// screen, and is there again when one comes back.
const kAtOnce = 4
const kPatience = 180_000
export interface ClassWork {
  kind: keyof typeof calls
  users: number[]
  done: number
  failed: { user: number; why: string }[]
}
export const classWork = ref<ClassWork | null>(null)
export const isOver = (work: ClassWork) => work.done + work.failed.length === work.users.length

// Its end, or nothing when it does not come.
function endOf(oid: string): Promise<Operation | null> {
  const over = () => {
    const operation = operationOf(oid)
    return operation?.state === 'running' ? undefined : operation
  }
  return new Promise((resolve) => {
    const timer = setTimeout(() => settle(null), kPatience)
    const stop = watch(over, (operation) => operation && settle(operation))
    function settle(operation: Operation | null) {
      clearTimeout(timer)
      stop()
      resolve(operation)
    }
    const already = over()
    if (already) settle(already)
  })
}

async function problemWith(kind: ClassWork['kind'], user: number): Promise<Problem | null> {
  let release = () => {}
  try {
    const { oid } = await calls[kind](user)
    release = showsItself(oid)
    const ended = await endOf(oid)
    return ended ? ended.problem : { type: 'about:blank', status: 504, code: 'slow', title: '', title_zh: '' }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return error.problem
  } finally {
    release()
  }
}

export async function workOnClass(kind: ClassWork['kind'], users: number[]) {
  const { t } = i18n.global
  classWork.value = { kind, users, done: 0, failed: [] }
  const work = classWork.value
  await inParallel(users, kAtOnce, async (user) => {
    const problem = await problemWith(kind, user)
    if (!problem) return void work.done++
    const { title, detail } = problemText(problem)
    work.failed.push({ user, why: [title, detail].filter(Boolean).join(' ') })
  })
  void sessions.refresh()
  if (classWork.value !== work) return
  const say = (what: string, which: number[]) => t(what, { users: writeNumbers(which).join(t('common.and')) }, which.length)
  if (work.failed.length) useNotes().bad(say(`matlab.failed_${kind}`, work.failed.map((f) => f.user)))
  else useNotes().good(say(`matlab.done_${kind}`, users))
}

watch(
  () => session.user?.uid,
  () => {
    classWork.value = null
    sessions.set(undefined as never)
  },
)
