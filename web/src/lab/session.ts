import { reactive } from 'vue'
import { api, must, whenLoggedOut, type Schemas, type User } from '@/api/client'

type Server = Schemas['Server']

// Who is here, and what this Berth is. `expired`: somebody was logged in and the server does not know them any more;
// the page stays as it is, with all that was typed, under a log-in.
export const session = reactive({
  user: null as User | null,
  server: null as Server | null,
  expired: false,
  clockOffset: 0, // of the server against this machine, in milliseconds
})

function take(answer: Schemas['Session']) {
  session.user = answer.user as User | null
  session.server = answer.server
  session.expired = false
  session.clockOffset = Date.parse(answer.server.time) - Date.now()
}

whenLoggedOut(() => {
  if (session.user) session.expired = true
})

export async function loadSession() {
  take(await must(api.GET('/api/v1/session')))
}
// Whether a lost connection is a login that has ended: then the log-in comes up over the page.
export async function checkSession() {
  const answer = await must(api.GET('/api/v1/session'))
  if (session.user && answer.user?.uid !== session.user.uid) session.expired = true
}
export async function logIn(username: string, password: string) {
  take(await must(api.POST('/api/v1/session', { body: { username, password } })))
}
export async function register(body: Schemas['Registration']) {
  take(await must(api.POST('/api/v1/register', { body })))
}
export async function logOut(everywhere = false) {
  await must(everywhere ? api.DELETE('/api/v1/sessions') : api.DELETE('/api/v1/session'))
  session.user = null
  session.expired = false
}

export const isAdmin = () => session.user?.role === 'admin'
export const serverNow = () => Date.now() + session.clockOffset
