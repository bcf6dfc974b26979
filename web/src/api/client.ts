import createClient from 'openapi-fetch'
import type { components, paths } from './schema'

export type Schemas = components['schemas']
export type Problem = Schemas['Problem']
export type User = Schemas['User']
export type Device = Schemas['Device']
export type Gpu = Schemas['Gpu']
export type Image = Schemas['Image']
export type Container = Schemas['Container']
export type Operation = Schemas['Operation']
export type Matlab = Schemas['Matlab']
export type Account = Schemas['Account']
export type Event = Schemas['Event']
export type Load = Schemas['Load']

export const api = createClient<paths>({ baseUrl: location.origin, credentials: 'same-origin' })

// What a call throws when it was refused or never arrived. `problem.code` is the server's, or `offline`.
export class Refusal extends Error {
  constructor(readonly problem: Problem) {
    super(problem.title)
  }
  get code() {
    return this.problem.code
  }
}

function local(code: string, status = 0): Problem {
  return { type: 'about:blank', status, code, title: '', title_zh: '' }
}

type Answer<T> = { data?: T; error?: unknown; response: Response }

let onLoggedOut = () => {}
export function whenLoggedOut(handler: () => void) {
  onLoggedOut = handler
}

// The answer's body, or a Refusal.
export async function must<T>(call: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>
  try {
    answer = await call
  } catch {
    throw new Refusal(local('offline'))
  }
  if (answer.response.ok) return answer.data as T
  const error = answer.error as Problem | undefined
  const problem = error && typeof error === 'object' && 'code' in error ? error : local('internal', answer.response.status)
  if (problem.code === 'not_logged_in') onLoggedOut()
  throw new Refusal(problem)
}

type Page<T> = { items: T[]; next: number | null }

// A whole list, page after page.
export async function whole<T>(get: (after?: number) => Promise<Answer<Page<T>>>): Promise<T[]> {
  const all: T[] = []
  let after: number | undefined
  for (let pages = 0; pages < 100; pages++) {
    const page = await must(get(after))
    all.push(...page.items)
    if (page.next === null) return all
    after = page.next
  }
  return all
}
