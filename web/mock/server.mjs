// Serves /api/v1 over the simulated lab, and web/dist with the headers that Berth sends. For working on the page and for
// its tests: node mock/server.mjs [PORT]
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { randomBytes } from 'node:crypto'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { WebSocketServer } from 'ws'
import { Lab, Problem, problems } from './lab.mjs'
import { attachShell } from './shell.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const dist = join(root, 'dist')
const openapi = join(root, '../docs/openapi.json')

export const kPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; " +
  "manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

const kTypes = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml', '.woff2': 'font/woff2', '.json': 'application/json',
}

const iso = (ms) => (ms ? new Date(ms).toISOString() : null)
const page = (items) => ({ items, next: null })

// [method, pattern, handler(context) -> body or {status, body, headers}]
function routes(lab) {
  const server = { version: '0.1.0', demo: true, registration: 'open', password_min: 6, matlab: true }
  const sessionOf = (user) => ({
    user: user ? { uid: user.uid, name: user.name, email: user.email, role: user.role, created_at: iso(user.created) } : null,
    server: { ...server, time: iso(Date.now()) },
  })
  const login = (user, status = 200) => {
    const token = randomBytes(32).toString('hex')
    lab.sessions.set(token, user.name)
    const cookie = (name, value) => `${name}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=604800`
    return { status, body: sessionOf(user), headers: { 'Set-Cookie': [cookie('username', user.name), cookie('user_token', token)] } }
  }
  const accepted = (o) => ({ status: 202, body: lab.showOperation(o), headers: { Location: `/api/v1/operations/${o.oid}` } })
  const none = { status: 204 }
  const admin = (actor) => {
    if (actor.role !== 'admin') throw problems.forbidden()
  }
  const account = (u) => ({
    uid: u.uid, name: u.name, email: u.email, role: u.role, disabled: u.disabled,
    containers: lab.containers.filter((c) => c.owner === u.name).length, created_at: iso(u.created),
  })
  const event = (e) => ({ at: iso(e.at), action: e.action, by: e.by, subject: e.subject, outcome: e.outcome })
  const addUser = (b, role) => {
    if (!/^[A-Za-z0-9_.-]{1,32}$/.test(b.username ?? '')) throw problems.invalid('username', 'must be 1 to 32 of ASCII letters, digits and _ . -')
    if ((b.password ?? '').length < 6) throw problems.invalid('password', 'must be at least 6 characters')
    if (!/^[^@\s]+@[^@\s]+$/.test(b.email ?? '')) throw problems.invalid('email', 'must be an address with one @, in ASCII without spaces')
    if (lab.userOf(b.username)) throw problems.nameTaken('username')
    if (lab.users.some((u) => u.email === b.email)) throw problems.nameTaken('email')
    const user = { uid: lab.next.uid++, name: b.username, email: b.email, password: b.password, role, disabled: false, created: Date.now() }
    lab.users.push(user)
    lab.record(user.name, 'user.add', user.name)
    return user
  }
  const userNamed = (name) => {
    const user = lab.userOf(name)
    if (!user) throw problems.notFound()
    return user
  }
  const own = (actor, iid) => {
    const image = lab.images.find((i) => i.iid === Number(iid))
    if (!image || (image.owner !== actor.name && actor.role !== 'admin')) throw problems.notFound()
    return image
  }
  const seat = ({ actor, params }) => {
    admin(actor)
    const m = lab.matlab.find((s) => s.user_id === Number(params.user_id))
    if (!m) throw problems.notFound()
    return m
  }
  const box = ({ actor, params }) => lab.container(actor, Number(params.cid))

  return [
    ['GET', '/session', ({ actor }) => sessionOf(actor), 'open'],
    ['POST', '/session', ({ body }) => {
      const user = lab.userOf(body.username)
      if (!user || user.disabled || user.password !== body.password) throw problems.wrongCredentials()
      return login(user)
    }, 'open'],
    ['POST', '/register', ({ body }) => login(addUser(body, 'user'), 201), 'open'],
    ['DELETE', '/session', ({ token }) => (lab.sessions.delete(token), none)],
    ['DELETE', '/sessions', ({ actor }) => {
      for (const [token, name] of lab.sessions) if (name === actor.name) lab.sessions.delete(token)
      return none
    }],
    ['PUT', '/password', ({ actor, body }) => {
      if (body.current !== actor.password) throw problems.wrongCredentials()
      if (body.new.length < 6) throw problems.invalid('new', 'must be at least 6 characters')
      actor.password = body.new
      return none
    }],
    ['GET', '/devices', ({ actor }) => page(lab.devices.map((d) => lab.showDevice(actor, d)))],
    ['GET', '/images', ({ actor }) => page(lab.images
      .filter((i) => lab.mayUse(actor, i) || i.owner === actor.name)
      .filter((i) => actor.role !== 'admin' || i.public || i.owner === actor.name)
      .map((i) => lab.showImage(actor, i)))],
    ['PUT', '/images/{iid}/public', ({ actor, params, body }) => {
      const image = own(actor, params.iid)
      image.public = body.public
      lab.tell('image.changed', { iid: image.iid })
      return lab.showImage(actor, image)
    }],
    ['DELETE', '/images/{iid}', ({ actor, params }) => {
      const image = own(actor, params.iid)
      if (lab.containers.some((c) => c.iid === image.iid)) throw problems.imageInUse()
      lab.images = lab.images.filter((i) => i !== image)
      lab.tell('image.changed', { iid: image.iid })
      return none
    }],
    ['GET', '/containers', ({ actor }) => page(lab.containers.filter((c) => c.owner === actor.name).map((c) => lab.showContainer(actor, c)))],
    ['POST', '/containers', ({ actor, body }) => {
      if (!body.name || [...body.name].length > 64) throw problems.invalid('name', 'must be 1 to 64 characters')
      return accepted(lab.create(actor, { gpus: [], ...body }))
    }],
    ['GET', '/containers/{cid}', (x) => lab.showContainer(x.actor, box(x))],
    ['DELETE', '/containers/{cid}', (x) => accepted(lab.remove(x.actor, box(x)))],
    ['POST', '/containers/{cid}/start', (x) => accepted(lab.start(x.actor, box(x), x.body?.gpus))],
    ['POST', '/containers/{cid}/stop', (x) => accepted(lab.stop(x.actor, box(x)))],
    ['POST', '/containers/{cid}/restart', (x) => accepted(lab.restart(x.actor, box(x)))],
    ['POST', '/containers/{cid}/image', (x) => accepted(lab.save(x.actor, box(x), x.body))],
    ['GET', '/containers/{cid}/password', (x) => {
      const c = box(x)
      if (c.owner !== x.actor.name) throw problems.notFound()
      return { password: c.password }
    }],
    ['GET', '/containers/{cid}/usage', (x) => {
      const c = box(x)
      const since = x.query.get('since') ? Date.parse(x.query.get('since')) : 0
      const samples = c.history.filter((s) => s.at > since).map((s) => ({ ...s, at: iso(s.at) }))
      return { interval_s: 10, memory_limit_bytes: c.memory_mb * 1024 * 1024, samples }
    }],
    ['GET', '/containers/{cid}/logs', (x) => {
      const c = box(x)
      const lines = [
        's6-rc: info: service sshd: starting', 's6-rc: info: service sshd successfully started',
        's6-rc: info: service jupyter: starting', '[I ServerApp] jupyterlab | extension was successfully linked.',
        '[I ServerApp] Serving notebooks from local directory: /workspace', '[I ServerApp] Jupyter Server 2.14.2 is running at:',
        '[I ServerApp] http://0.0.0.0:8888/lab', 's6-rc: info: service tensorboard: starting',
        'TensorBoard 2.17.1 at http://0.0.0.0:6006/ (Press CTRL+C to quit)', 'Accepted publickey for root from 10.12.4.77 port 51544',
      ]
      return {
        items: lines.map((text, n) => ({ at: iso(c.started + n * 240), stream: text.startsWith('[') ? 'stderr' : 'stdout', text })),
        truncated: false,
      }
    }],
    ['GET', '/containers/{cid}/changes', (x) => {
      const c = box(x)
      const paths = [
        ['changed', '/etc/ssh'], ['added', '/etc/ssh/ssh_host_ed25519_key'], ['changed', '/root'], ['added', '/root/.cache/pip'],
        ['added', '/root/.cache/huggingface'], ['changed', '/usr/local/lib/python3.12/site-packages'],
        ['added', '/usr/local/lib/python3.12/site-packages/diffusers'], ['added', '/usr/local/lib/python3.12/site-packages/accelerate'],
        ['added', '/opt/xformers'], ['deleted', '/tmp/build.log'],
      ]
      return { size_bytes: Math.round(c.changed), items: paths.map(([kind, path]) => ({ kind, path })), truncated: false }
    }],
    ['GET', '/containers/{cid}/events', (x) => page(lab.audit.filter((e) => e.subject === `cid ${box(x).cid}`).map(event))],
    ['GET', '/operations', ({ actor }) => page(lab.operations.filter((o) => o.owner === actor.name).slice(0, 100).map((o) => lab.showOperation(o)))],
    ['GET', '/operations/{oid}', ({ actor, params }) => {
      const o = lab.operations.find((op) => op.oid === params.oid && op.owner === actor.name)
      if (!o) throw problems.notFound()
      return lab.showOperation(o)
    }],
    ['GET', '/matlab', ({ actor }) => (admin(actor), page(lab.matlab.map((m) => lab.showMatlab(m))))],
    ['POST', '/matlab', ({ actor, body }) => {
      admin(actor)
      if (!(body.first >= 1 && body.last <= 100 && body.first <= body.last)) throw problems.invalid('last', 'must be between first and 100')
      return accepted(lab.createMatlab(actor, body))
    }],
    ['POST', '/matlab/{user_id}/restart', (x) => {
      const m = seat(x)
      return accepted(lab.changeMatlab(x.actor, m, 'matlab.restart', () => Object.assign(m, { state: 'running', reason: null, web: true, websocket: true, started: Date.now() })))
    }],
    ['DELETE', '/matlab/{user_id}', (x) => {
      const m = seat(x)
      return accepted(lab.changeMatlab(x.actor, m, 'matlab.delete', () => (lab.matlab = lab.matlab.filter((s) => s !== m))))
    }],
    ['GET', '/tokens', ({ actor }) => page(lab.tokens.filter((t) => t.owner === actor.name).map(({ owner, ...t }) => t))],
    ['POST', '/tokens', ({ actor, body }) => {
      const entry = { tid: lab.next.tid++, name: body.name, scopes: body.scopes, created_at: iso(Date.now()), expires_at: iso(Date.now() + body.expires_days * 86_400_000), last_used_at: null }
      lab.tokens.push({ ...entry, owner: actor.name })
      return { status: 201, body: { token: `berth_${randomBytes(24).toString('base64url')}`, entry } }
    }],
    ['DELETE', '/tokens/{tid}', ({ actor, params }) => {
      lab.tokens = lab.tokens.filter((t) => t.owner !== actor.name || t.tid !== Number(params.tid))
      return none
    }],
    ['GET', '/admin/users', ({ actor }) => (admin(actor), page(lab.users.map(account)))],
    ['POST', '/admin/users', ({ actor, body }) => (admin(actor), { status: 201, body: account(addUser(body, body.role)) })],
    ['PUT', '/admin/users/{username}/role', ({ actor, params, body }) => (admin(actor), account(Object.assign(userNamed(params.username), { role: body.role })))],
    ['PUT', '/admin/users/{username}/password', ({ actor, params, body }) => (admin(actor), (userNamed(params.username).password = body.password), none)],
    ['PUT', '/admin/users/{username}/disabled', ({ actor, params, body }) => (admin(actor), account(Object.assign(userNamed(params.username), { disabled: body.disabled })))],
    ['GET', '/admin/containers', ({ actor }) => (admin(actor), page(lab.containers.map((c) => lab.showContainer(actor, c))))],
    ['GET', '/admin/images', ({ actor }) => (admin(actor), page(lab.images.map((i) => lab.showImage(actor, i))))],
    ['POST', '/admin/images', ({ actor, body }) => {
      admin(actor)
      const image = { iid: lab.next.iid++, did: body.did, name: body.name, owner: null, public: true, state: 'ready', size: 4.1e9, source: null, created: Date.now() }
      lab.images.push(image)
      lab.tell('image.changed', { iid: image.iid })
      return { status: 201, body: lab.showImage(actor, image) }
    }],
    ['POST', '/admin/devices/{did}/trust', ({ actor }) => (admin(actor), none)],
    ['GET', '/admin/settings', ({ actor }) => {
      admin(actor)
      const rows = [
        ['platform.listen', '0.0.0.0:5000', '127.0.0.1:5000'], ['platform.registration', 'open', 'open'], ['platform.password_min', '6', '6'],
        ['platform.session_days', '7', '7'], ['platform.legacy_lists', 'false', 'false'], ['matlab.enabled', 'true', 'true'],
        ['matlab.listen', '127.0.0.1:8080', '127.0.0.1:8080'], ['matlab.image', 'berth/octave:latest', 'berth/octave:latest'],
        ['matlab.tokens', '••••', ''], ['matlab.cpu', '2', '2'], ['matlab.memory_mb', '4096', '4096'], ['device.port_first', '6000', '6000'],
        ['device.port_last', '8000', '8000'], ['device.reserve_cpu', '2', '0'], ['limits.pids', '1024', '1024'], ['limits.shm_mb', '8192', '1024'],
      ]
      return page(rows.map(([key, value, fallback]) => ({ key, value, default: fallback })))
    }],
    ['GET', '/admin/audit', ({ actor }) => (admin(actor), page(lab.audit.slice(0, 200).map(event)))],
  ].map(([method, pattern, handler, access]) => ({
    method, handler, access,
    match: new RegExp(`^/api/v1${pattern.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`),
  }))
}

function cookies(request) {
  return Object.fromEntries((request.headers.cookie ?? '').split(/;\s*/).map((pair) => pair.split('=')))
}

export function serve({ port = 5199, speed = 1 } = {}) {
  const lab = new Lab({ speed })
  const table = routes(lab)
  const streams = new Set()
  let deafUntil = 0

  const actorOf = (request) => {
    const token = cookies(request).user_token
    const name = lab.sessions.get(token)
    return { token, actor: name ? lab.userOf(name) : null }
  }

  function send(response, status, body, headers = {}, type = 'application/json') {
    const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body)
    response.writeHead(status, { ...(text ? { 'Content-Type': type } : {}), 'Cache-Control': 'no-store', ...headers })
    response.end(text)
  }

  async function readBody(request) {
    const chunks = []
    for await (const chunk of request) chunks.push(chunk)
    const text = Buffer.concat(chunks).toString()
    if (!text) return undefined
    try {
      return JSON.parse(text)
    } catch {
      throw problems.invalid('', 'the body must be JSON')
    }
  }

  function follow(response, actor) {
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
    const say = (topic, data) => response.write(`event: ${topic}\ndata: ${JSON.stringify(data)}\n\n`)
    say('hello', { version: '0.1.0' })
    const heard = ({ topic, data, owner }) => {
      if (owner === null || owner === actor.name || actor.role === 'admin') say(topic, data)
    }
    lab.on('change', heard)
    const beat = setInterval(() => say('ping', {}), 15_000)
    streams.add(response)
    response.on('close', () => {
      clearInterval(beat)
      lab.off('change', heard)
      streams.delete(response)
    })
  }

  // Levers for tests.
  async function lever(request, response, path) {
    const body = (await readBody(request)) ?? {}
    if (path === '/__mock/deaf') {
      deafUntil = Date.now() + body.ms
      for (const stream of streams) stream.destroy()
    } else if (path === '/__mock/take') {
      const d = lab.devices.find((device) => device.gpus.some((g) => g.gid === body.gid))
      const image = lab.images.find((i) => i.did === d.did && i.owner === null)
      lab.create(lab.userOf('guo.hao'), { iid: image.iid, name: 'quicker', cpu: 1, memory_mb: 1024, gpus: [body.gid] })
      if (body.quietly) return send(response, 204)
    } else if (path === '/__mock/logout') {
      lab.sessions.clear()
    }
    send(response, 204)
  }

  async function callApi(request, response, url) {
    const found = table.filter((r) => r.match.test(url.pathname))
    const route = found.find((r) => r.method === request.method)
    if (!route) throw found.length ? new Problem(405, 'method_not_allowed', 'No such method here.', '不支持该方法。') : problems.notFound()
    const { token, actor } = actorOf(request)
    if (!actor && route.access !== 'open') throw problems.notLoggedIn()
    const params = Object.fromEntries(
      Object.entries(url.pathname.match(route.match).groups ?? {}).map(([k, v]) => [k, decodeURIComponent(v)]),
    )
    const answer = route.handler({ actor, token, params, query: url.searchParams, body: await readBody(request) })
    if (answer.status) send(response, answer.status, answer.body, answer.headers)
    else send(response, 200, answer)
  }

  function sendFile(request, response, path) {
    const isPage = path === '/' || path === '/docs' || /^\/ui(\/|$)/.test(path)
    const file = isPage ? join(dist, 'index.html') : path === '/openapi.json' ? openapi : join(dist, normalize(path))
    if (!(file.startsWith(dist) || file === openapi) || !existsSync(file) || !statSync(file).isFile()) return send(response, 404, 'not found', {}, 'text/plain')
    const headers = {
      'Content-Type': kTypes[extname(file)] ?? 'application/octet-stream',
      'Cache-Control': path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      'Content-Security-Policy': kPolicy, 'X-Content-Type-Options': 'nosniff', 'Referrer-Policy': 'same-origin',
      'Cross-Origin-Opener-Policy': 'same-origin',
    }
    const packed = `${file}.br`
    if (/\bbr\b/.test(request.headers['accept-encoding'] ?? '') && existsSync(packed)) {
      response.writeHead(200, { ...headers, 'Content-Encoding': 'br' }).end(readFileSync(packed))
      return
    }
    response.writeHead(200, headers)
    createReadStream(file).pipe(response)
  }

  const server = createServer(async (request, response) => {
    const url = new URL(request.url, 'http://mock')
    try {
      if (url.pathname.startsWith('/__mock/')) return await lever(request, response, url.pathname)
      if (Date.now() < deafUntil && url.pathname.startsWith('/api/')) return request.socket.destroy()
      if (url.pathname === '/api/v1/events') {
        const { actor } = actorOf(request)
        if (!actor) throw problems.notLoggedIn()
        return follow(response, actor)
      }
      if (url.pathname.startsWith('/api/v1/')) return await callApi(request, response, url)
      sendFile(request, response, url.pathname)
    } catch (error) {
      if (!(error instanceof Problem)) console.error(error)
      const body = error instanceof Problem ? error.body : { type: 'about:blank', status: 500, code: 'internal', title: 'Something broke.', title_zh: '内部错误。' }
      send(response, body.status, body, {}, 'application/problem+json')
    }
  })

  const sockets = new WebSocketServer({ noServer: true })
  server.on('upgrade', (request, socket, head) => {
    try {
      const match = request.url.match(/^\/api\/v1\/containers\/(\d+)\/terminal(\?|$)/)
      const { actor } = actorOf(request)
      if (!actor) throw problems.notLoggedIn()
      if (!match) throw problems.notFound()
      const container = lab.container(actor, Number(match[1]))
      if (container.state !== 'running') throw problems.stopped()
      const asked = new URL(request.url, 'http://mock').searchParams
      const size = { cols: Number(asked.get('cols') ?? 80), rows: Number(asked.get('rows') ?? 24) }
      sockets.handleUpgrade(request, socket, head, (ws) => attachShell(ws, container, size))
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      const body = JSON.stringify(error.body)
      socket.end(`HTTP/1.1 ${error.body.status} Refused\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`)
    }
  })

  return new Promise((resolve) => {
    server.listen(port, '127.0.0.1', () => {
      const url = `http://127.0.0.1:${server.address().port}`
      resolve({
        url, lab,
        close: () => {
          for (const stream of streams) stream.destroy()
          server.closeAllConnections()
          server.close()
        },
      })
    })
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { url } = await serve({ port: Number(process.argv[2] ?? 5199), speed: Number(process.env.MOCK_SPEED ?? 1) })
  console.log(`mock lab on ${url} — lin.wei or prof.liu (admin), password berth-demo`)
}
