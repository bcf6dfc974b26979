// A simulated lab in memory: four devices, sixteen GPUs, some people and their containers. A tool for working on the page
// without an engine; nothing of it is ever part of Berth.
import { EventEmitter } from 'node:events'
import { randomBytes } from 'node:crypto'

const kGiB = 1024 ** 3
const minutes = (n) => n * 60_000
const hours = (n) => n * 3_600_000
const iso = (ms) => (ms ? new Date(ms).toISOString() : null)

export class Problem extends Error {
  constructor(status, code, title, title_zh, more = {}) {
    super(title)
    this.body = { type: 'about:blank', status, code, title, title_zh, ...more }
  }
}
export const problems = {
  notLoggedIn: () => new Problem(401, 'not_logged_in', 'You are not logged in.', '您还没有登录。'),
  wrongCredentials: () => new Problem(401, 'wrong_credentials', 'Wrong user name or password.', '用户名或密码不对。'),
  forbidden: () => new Problem(403, 'forbidden', 'Only an admin may do this.', '只有管理员可以这样做。'),
  notFound: () => new Problem(404, 'not_found', 'There is no such thing, or it is not yours.', '没有这个对象，或者它不是您的。'),
  invalid: (field, detail) => new Problem(400, 'invalid', 'This is not a valid value.', '这个值无效。', { field, detail }),
  nameTaken: (field) =>
    new Problem(409, 'name_taken', 'This user name or e-mail is taken.', '用户名或邮箱已被使用。', { field }),
  running: () => new Problem(409, 'already_running', 'The container runs already.', '容器已经在运行。'),
  stopped: () => new Problem(409, 'already_stopped', 'The container is stopped already.', '容器已经停止。'),
  room: (fits) =>
    new Problem(409, 'cpu_or_memory_not_enough', 'This machine has not enough CPU or memory left.', '这台机器剩余的 CPU 或内存不够。', { fits }),
  gpu: (gid, fits) =>
    new Problem(409, 'gpu_not_available', `GPU ${gid} is not available any more.`, `GPU ${gid} 已不可用。`, { fits }),
  imageInUse: () =>
    new Problem(409, 'image_in_use', 'Containers stand on this image: delete them first.', '还有容器基于此镜像，请先删除它们。'),
  draining: () => new Problem(503, 'device_draining', 'The device takes nothing new: an admin is emptying it.', '该设备暂不接受新容器：管理员正在腾空它。'),
  unreachable: (name) =>
    new Problem(503, 'device_unreachable', 'The machine does not answer.', '这台机器没有响应。', { detail: name }),
}

export class Lab extends EventEmitter {
  constructor({ speed = 1 } = {}) {
    super()
    this.setMaxListeners(0)
    this.speed = speed
    this.users = []
    this.devices = []
    this.images = []
    this.containers = []
    this.operations = []
    this.matlab = []
    this.audit = []
    this.tokens = []
    this.sessions = new Map()
    this.next = { uid: 1, did: 1, gid: 1, iid: 1, cid: 1, oid: 1, tid: 1, event: 1 }
    this.populate()
    this.ticker = setInterval(() => this.tick(), 5_000)
    this.ticker.unref()
  }

  // What stands at the beginning.
  populate() {
    const now = Date.now()
    const user = (name, role, days) => {
      const row = { uid: this.next.uid++, name, email: `${name}@lab.example.edu`, role, disabled: false, password: 'berth-demo', created: now - hours(24 * days) }
      this.users.push(row)
      return row
    }
    user('prof.liu', 'admin', 210)
    user('lin.wei', 'user', 96)
    user('zhao.min', 'user', 90)
    user('chen.yu', 'user', 44)
    user('guo.hao', 'user', 30)
    user('k.sato', 'user', 12)
    user('former.member', 'user', 400)
    this.userOf('former.member').disabled = true

    const device = (name, ip, cpu_name, cpu, gib, model, gpus) => {
      const did = this.next.did++
      this.devices.push({
        did, name, ip, cpu_name, cpu, memory_mb: gib * 1024, reachable: true, base: 0.1 + did * 0.06,
        gpus: Array.from({ length: gpus }, () => ({ gid: this.next.gid++, model })),
      })
      return did
    }
    device('atlas', '10.12.0.11', 'Intel Core i9-14900K', 32, 128, 'RTX 4090 24GB', 4)
    device('boreas', '10.12.0.12', 'Intel Xeon Gold 6430', 64, 256, 'RTX A6000 48GB', 4)
    device('calypso', '10.12.0.13', 'AMD EPYC 7763', 128, 512, 'A100 80GB', 6)
    device('delos', '10.12.0.14', 'AMD Ryzen 9 5950X', 16, 64, 'RTX 3090 24GB', 2)
    this.devices[3].reachable = false

    const image = (did, name, owner, gib, days, isPublic = true, source = null) => {
      const row = { iid: this.next.iid++, did, name, owner, public: isPublic, state: 'ready', size: gib * kGiB, source, created: now - hours(24 * days) }
      this.images.push(row)
      return row
    }
    for (const d of this.devices) {
      image(d.did, 'workspace', null, 3.4, 120)
      if (d.did !== 4) image(d.did, 'pytorch-2.5', null, 11.8, 60)
    }
    image(2, 'diffusion-env', 'lin.wei', 16.2, 9, false, { cid: 3, name: 'diffusion' })
    image(3, 'llama-finetune', 'chen.yu', 24.9, 21, true, { cid: 1, name: null })
    image(1, '遥感分割', 'zhao.min', 14.1, 4, true, { cid: 2, name: null })
    image(1, 'slam-ros', 'lin.wei', 8.7, 33, true, { cid: 4, name: null })

    this.next.cid = 11
    const box = (owner, did, name, imageName, cpu, gib, gpuPlaces, state, agoH, more = {}) => {
      const d = this.device(did)
      const row = {
        cid: this.next.cid++, owner, did, name,
        iid: this.images.find((i) => i.did === did && i.name === imageName).iid,
        cpu, memory_mb: gib * 1024, gpus: gpuPlaces.map((p) => d.gpus[p].gid), state,
        reason: null, password: password(), ports: this.makePorts(did),
        created: now - hours(agoH) - hours(30), started: now - hours(agoH), operation: null, busy: more.busy ?? 0.6,
        changed: more.changed ?? 1.7 * kGiB, ...more,
      }
      row.history = this.makeHistory(row)
      this.containers.push(row)
      return row
    }
    box('lin.wei', 2, 'diffusion', 'pytorch-2.5', 12, 56, [1], 'running', 5.2, { busy: 0.82 })
    box('lin.wei', 1, 'notes-and-plots', 'workspace', 4, 12, [], 'running', 49, { busy: 0.07 })
    box('lin.wei', 3, 'ablation-7', 'pytorch-2.5', 16, 64, [2], 'stopped', 31, { reason: reason('out_of_memory'), busy: 0.9 })
    box('zhao.min', 1, '遥感-训练', '遥感分割', 8, 32, [0], 'running', 71, { busy: 0.9 })
    box('zhao.min', 1, 'eval', '遥感分割', 4, 16, [2], 'running', 2.1)
    box('chen.yu', 3, 'llama-sft', 'llama-finetune', 48, 192, [0, 1, 3], 'running', 118, { busy: 0.95 })
    box('guo.hao', 3, 'baseline', 'pytorch-2.5', 16, 64, [4], 'running', 0.7)
    box('k.sato', 2, 'pose', 'pytorch-2.5', 16, 64, [3], 'running', 12)
    box('k.sato', 4, 'old-stereo', 'workspace', 8, 24, [1], 'running', 300)
    box('guo.hao', 2, 'scratch', 'workspace', 4, 8, [], 'stopped', 60)

    for (let n = 1; n <= 12; n++) this.makeMatlab(n, now - minutes(12 * n + 7))
    Object.assign(this.matlab[4], { websocket: false })
    Object.assign(this.matlab[8], { state: 'stopped', reason: reason('exited', 137), web: null, websocket: null })

    this.record('prof.liu', 'device.resume', 'did 4', 'ok', now - minutes(34))
    this.record('prof.liu', 'user.disable', 'former.member', 'ok', now - hours(26))
    this.record(null, 'container.start_failed', 'cid 15', 'port 6001 already in use', now - hours(2.2))
    this.record('zhao.min', 'container.start', 'cid 15', 'ok', now - hours(2.1))
    this.record('lin.wei', 'container.create', 'cid 11', 'ok', now - hours(35.2))
    this.record('lin.wei', 'container.stop', 'cid 11', 'ok', now - hours(8))
    this.record('lin.wei', 'container.start', 'cid 11', 'ok', now - hours(5.2))
    this.record(null, 'container.ended', 'cid 13', 'out of memory', now - hours(29))
    this.record('lin.wei', 'image.save', 'iid 8', 'ok', now - hours(24 * 9))
    this.record('guo.hao', 'container.create', 'cid 17', 'ok', now - minutes(42))
    this.audit.sort((a, b) => b.at - a.at)
  }

  makePorts(did) {
    const taken = new Set(this.containers.filter((c) => c.did === did).flatMap((c) => Object.values(c.ports)))
    const port = () => {
      for (;;) {
        const p = 6000 + Math.floor(Math.random() * 2000)
        if (!taken.has(p)) {
          taken.add(p)
          return p
        }
      }
    }
    return { ssh: port(), jupyter: port(), tensorboard: port() }
  }

  makeHistory(row) {
    const samples = []
    const start = Math.max(Date.now() - hours(1), row.started)
    for (let at = start; at < Date.now() && row.state === 'running'; at += 10_000) samples.push(this.sample(row, at))
    return samples
  }

  // Looks like work: slow waves, an epoch's saw tooth, a little noise.
  sample(row, at) {
    const t = at / 1000
    const wave = 0.75 + 0.2 * Math.sin(t / 340 + row.cid) + 0.12 * Math.sin(t / 57 + row.cid * 3)
    const dip = t % 420 < 36 ? 0.35 : 1
    const cpu = Math.max(0.3, row.cpu * 100 * row.busy * wave * dip * (0.96 + Math.random() * 0.08))
    const memory = row.memory_mb * 1024 * 1024 * Math.min(0.97, 0.22 + row.busy * 0.55 + 0.05 * Math.sin(t / 600 + row.cid))
    return { at, cpu_percent: Math.round(Math.min(cpu, row.cpu * 100) * 10) / 10, memory_bytes: Math.round(memory) }
  }

  tick() {
    const now = Date.now()
    for (const row of this.containers) {
      if (row.state !== 'running') continue
      row.history.push(this.sample(row, now))
      while (row.history.length > 720) row.history.shift()
    }
  }

  // Looking things up
  device(did) {
    return this.devices.find((d) => d.did === did)
  }
  userOf(name) {
    return this.users.find((u) => u.name === name)
  }
  held(c) {
    return !['stopped', 'deleting'].includes(c.state)
  }
  used(did) {
    const holding = this.containers.filter((c) => c.did === did && this.held(c))
    return {
      cpu: holding.reduce((sum, c) => sum + c.cpu, 0),
      memory_mb: holding.reduce((sum, c) => sum + c.memory_mb, 0),
      gpus: new Map(holding.flatMap((c) => c.gpus.map((gid) => [gid, c]))),
      count: holding.length,
    }
  }
  room(d) {
    const used = this.used(d.did)
    return {
      did: d.did,
      cpu: Math.max(0, d.cpu - used.cpu),
      memory_mb: Math.max(0, d.memory_mb - used.memory_mb),
      gpus: d.gpus.filter((g) => !used.gpus.has(g.gid)).map((g) => g.gid),
    }
  }
  mayUse(actor, image) {
    return image.state === 'ready' && (image.public || image.owner === actor.name || actor.role === 'admin')
  }
  container(actor, cid) {
    const row = this.containers.find((c) => c.cid === cid)
    if (!row || row.state === 'deleting' || (row.owner !== actor.name && actor.role !== 'admin')) throw problems.notFound()
    return row
  }

  // How things are shown
  showDevice(actor, d) {
    const used = this.used(d.did)
    const wave = 0.5 + 0.2 * Math.sin(Date.now() / 60_000 + d.did)
    return {
      did: d.did, name: d.name, ip: d.ip, cpu_name: d.cpu_name,
      state: !d.reachable ? 'unreachable' : d.draining ? 'draining' : 'ready',
      total: { cpu: d.cpu, memory_mb: d.memory_mb },
      used: { cpu: used.cpu, memory_mb: used.memory_mb },
      load: d.reachable
        ? {
            cpu_percent: Math.round(1000 * (used.cpu / d.cpu) * wave) / 10,
            memory_bytes: Math.round((used.memory_mb * 0.6 + 4096) * 1024 * 1024),
            at: iso(Date.now()),
          }
        : null,
      containers: used.count,
      gpus: d.gpus.map((g) => {
        const c = used.gpus.get(g.gid)
        const mine = c?.owner === actor.name
        return {
          gid: g.gid, model: g.model,
          state: c ? (mine ? 'mine' : 'used') : d.reachable ? 'free' : 'unknown',
          holder: c?.owner ?? null,
          cid: c && (mine || actor.role === 'admin') ? c.cid : null,
          since: c ? iso(c.started) : null,
        }
      }),
      admin:
        actor.role === 'admin'
          ? { endpoint: `tcp://${d.ip}:2376`, engine_id: `7QRT:${d.name.toUpperCase()}:4CKO`, data_dir: '/srv/berth/data', pub_dir: '/srv/datasets', port_first: 6000, port_last: 8000, draining: !!d.draining }
          : null,
    }
  }
  showImage(actor, i) {
    return {
      iid: i.iid, name: i.name, did: i.did, device: this.device(i.did).name, owner: i.owner, mine: i.owner === actor.name,
      public: i.public, state: i.state, size_bytes: Math.round(i.size), source: i.source,
      containers: this.containers.filter((c) => c.iid === i.iid).length, created_at: iso(i.created),
    }
  }
  showContainer(actor, c) {
    const d = this.device(c.did)
    const last = c.history.at(-1)
    return {
      cid: c.cid, name: c.name, owner: c.owner, mine: c.owner === actor.name, did: c.did, device: d.name,
      image: { iid: c.iid, name: this.images.find((i) => i.iid === c.iid)?.name ?? '' },
      cpu: c.cpu, memory_mb: c.memory_mb, gpus: c.gpus.map((gid) => ({ gid, model: d.gpus.find((g) => g.gid === gid).model })),
      state: c.state, live: d.reachable, reason: c.reason, ip: d.ip, ports: c.ports,
      load: c.state === 'running' && d.reachable && last ? { ...last, at: iso(last.at) } : null,
      operation: c.operation, created_at: iso(c.created), started_at: iso(c.started),
    }
  }
  showMatlab(m) {
    const up = m.state === 'running'
    return {
      user_id: m.user_id, container_id: `matlab-user-${m.user_id}`, session_id: m.session_id, state: m.state, reason: m.reason,
      web: m.web, websocket: m.websocket,
      load: up ? { cpu_percent: 3 + ((m.user_id * 37) % 90), memory_bytes: Math.round((1.6 + (m.user_id % 5) * 0.4) * kGiB), at: iso(Date.now()) } : null,
      cpu: 2, memory_mb: 4096, http_port: 30000 + m.user_id, ws_port: 31000 + m.user_id,
      url: `http://127.0.0.1:${30000 + m.user_id}/`, operation: m.operation ?? null, created_at: iso(m.created), started_at: iso(m.started),
    }
  }
  showOperation(o) {
    return {
      ...o, owner: undefined, started_at: iso(o.started_at), ended_at: iso(o.ended_at),
      steps: o.steps.map((s) => ({ ...s, started_at: iso(s.started_at), ended_at: iso(s.ended_at) })),
    }
  }

  // Saying that something changed
  record(by, action, subject, outcome = 'ok', at = Date.now()) {
    this.audit.unshift({ id: this.next.event++, at, by, action, subject, outcome })
  }
  tell(topic, data, owner = null) {
    this.emit('change', { topic, data, owner })
  }
  containerChanged(c) {
    this.tell('container.changed', { cid: c.cid }, c.owner)
    this.tell('device.changed', { did: c.did })
  }

  // Longer work: named steps, one after the other.
  begin(actor, kind, subject, steps, ids = {}) {
    const now = Date.now()
    const o = {
      oid: `op-${this.next.oid++}-${randomBytes(3).toString('hex')}`, owner: actor.name, kind, state: 'running', cid: null, iid: null, subject,
      steps: steps.map((name) => ({ name, state: 'pending', started_at: null, ended_at: null })),
      progress: null, problem: null, started_at: now, ended_at: null, ...ids,
    }
    this.operations.unshift(o)
    this.operations.length = Math.min(this.operations.length, 200)
    return o
  }
  operationChanged(o) {
    this.tell('operation.changed', { oid: o.oid }, o.owner)
  }
  async step(o, name, ms, work = () => {}) {
    const s = o.steps.find((step) => step.name === name)
    Object.assign(s, { state: 'running', started_at: Date.now() })
    this.operationChanged(o)
    await new Promise((resolve) => setTimeout(resolve, ms / this.speed))
    try {
      await work()
    } catch (problem) {
      Object.assign(s, { state: 'failed', ended_at: Date.now() })
      throw problem
    }
    Object.assign(s, { state: 'done', ended_at: Date.now() })
    this.operationChanged(o)
  }
  run(o, work) {
    work().then(
      () => this.finish(o, 'done'),
      (problem) => this.finish(o, 'failed', problem),
    )
    return o
  }
  finish(o, state, problem) {
    if (problem && !(problem instanceof Problem)) throw problem
    Object.assign(o, { state, ended_at: Date.now(), problem: problem?.body ?? null })
    this.operationChanged(o)
  }

  claim(d, wanted, except) {
    if (!d.reachable) throw problems.unreachable(d.name)
    if (d.draining) throw problems.draining()
    const fits = this.room(d)
    for (const gid of wanted.gpus) if (!fits.gpus.includes(gid)) throw problems.gpu(gid, fits)
    if (wanted.cpu > fits.cpu || wanted.memory_mb > fits.memory_mb) throw problems.room(fits)
    void except
  }

  create(actor, wanted) {
    const image = this.images.find((i) => i.iid === wanted.iid)
    if (!image || !this.mayUse(actor, image)) throw problems.notFound()
    const d = this.device(image.did)
    this.claim(d, wanted)
    const c = {
      cid: this.next.cid++, owner: actor.name, did: d.did, name: wanted.name, iid: image.iid, cpu: wanted.cpu, memory_mb: wanted.memory_mb,
      gpus: wanted.gpus, state: 'creating', reason: null, password: password(), ports: this.makePorts(d.did), created: Date.now(), started: Date.now(),
      busy: 0.3, changed: 0.02 * kGiB, history: [],
    }
    this.containers.push(c)
    const o = this.begin(actor, 'container.create', c.name, ['reserved', 'creating', 'starting', 'reachable'], { cid: c.cid })
    Object.assign(o.steps[0], { state: 'done', started_at: Date.now() - 4, ended_at: Date.now() })
    c.operation = o.oid
    this.record(actor.name, 'container.create', `cid ${c.cid}`)
    this.containerChanged(c)
    return this.run(o, async () => {
      try {
        await this.step(o, 'creating', 900)
        c.state = 'starting'
        this.containerChanged(c)
        await this.step(o, 'starting', 700, () => {
          if (c.name.includes('fail')) {
            throw new Problem(502, 'engine_refused', 'The engine could not start the container.', '容器引擎无法启动该容器。', {
              detail: 'OCI runtime create failed: exec: "/init": no such file or directory',
            })
          }
        })
        Object.assign(c, { state: 'running', started: Date.now() })
        this.containerChanged(c)
        await this.step(o, 'reachable', 800)
        c.history.push(this.sample(c, Date.now()))
        c.operation = null
      } catch (problem) {
        this.forget(c)
        throw problem
      } finally {
        this.containerChanged(c)
      }
    })
  }
  forget(c) {
    this.containers = this.containers.filter((other) => other !== c)
  }

  async goRunning(o, c) {
    await this.step(o, 'starting', 700)
    Object.assign(c, { state: 'running', started: Date.now(), reason: null })
    this.containerChanged(c)
    await this.step(o, 'reachable', 700)
    c.history.push(this.sample(c, Date.now()))
  }
  act(actor, c, kind, steps, work) {
    if (!this.device(c.did).reachable) throw problems.unreachable(this.device(c.did).name)
    const o = this.begin(actor, kind, c.name, steps, { cid: c.cid })
    c.operation = o.oid
    this.record(actor.name, kind, `cid ${c.cid}`)
    return this.run(o, async () => {
      try {
        await work(o)
      } finally {
        c.operation = null
        this.containerChanged(c)
      }
    })
  }
  start(actor, c, gpus) {
    if (c.state !== 'stopped') throw problems.running()
    const other = gpus && gpus.join() !== c.gpus.join()
    this.claim(this.device(c.did), { ...c, gpus: gpus ?? c.gpus })
    if (gpus) c.gpus = gpus
    c.state = 'starting'
    this.containerChanged(c)
    const steps = ['reserved', ...(other ? ['rebuilding'] : []), 'starting', 'reachable']
    return this.act(actor, c, 'container.start', steps, async (o) => {
      await this.step(o, 'reserved', 1)
      if (other) await this.step(o, 'rebuilding', 2500)
      await this.goRunning(o, c)
    })
  }
  async goStopped(o, c) {
    c.state = 'stopping'
    this.containerChanged(c)
    await this.step(o, 'stopping', 900)
    Object.assign(c, { state: 'stopped', reason: null, history: [] })
    this.containerChanged(c)
  }
  stop(actor, c) {
    if (c.state === 'stopped') throw problems.stopped()
    return this.act(actor, c, 'container.stop', ['stopping'], (o) => this.goStopped(o, c))
  }
  restart(actor, c) {
    if (c.state !== 'running') throw problems.stopped()
    return this.act(actor, c, 'container.restart', ['stopping', 'starting', 'reachable'], async (o) => {
      c.state = 'stopping'
      this.containerChanged(c)
      await this.step(o, 'stopping', 900)
      c.state = 'starting'
      this.containerChanged(c)
      await this.goRunning(o, c)
    })
  }
  remove(actor, c) {
    return this.act(actor, c, 'container.delete', ['stopping', 'removing'], async (o) => {
      c.state = 'stopping'
      this.containerChanged(c)
      await this.step(o, 'stopping', 500)
      await this.step(o, 'removing', 500)
      c.state = 'deleting'
      this.forget(c)
    })
  }
  save(actor, c, { name, public: isPublic = false }) {
    const i = { iid: this.next.iid++, did: c.did, name, owner: actor.name, public: isPublic, state: 'saving', size: 0, source: { cid: c.cid, name: c.name }, created: Date.now() }
    this.images.push(i)
    this.tell('image.changed', { iid: i.iid }, isPublic ? null : actor.name)
    return this.act(actor, c, 'image.save', ['saving', 'measuring'], async (o) => {
      o.iid = i.iid
      await this.step(o, 'saving', 3500)
      await this.step(o, 'measuring', 200)
      Object.assign(i, { state: 'ready', size: 11.8 * kGiB + c.changed })
      this.tell('image.changed', { iid: i.iid }, isPublic ? null : actor.name)
    })
  }

  makeMatlab(n, created = Date.now()) {
    const m = { user_id: n, session_id: n <= 12 ? 'signals-2025' : '', state: 'running', reason: null, web: true, websocket: true, created, started: created }
    this.matlab.push(m)
    this.matlab.sort((a, b) => a.user_id - b.user_id)
    return m
  }
  createMatlab(actor, { first, last, session_id = '' }) {
    const total = last - first + 1
    const o = this.begin(actor, 'matlab.create', first === last ? `${first}` : `${first}-${last}`, ['creating'], {
      progress: { done: 0, failed: 0, total },
    })
    return this.run(o, () =>
      this.step(o, 'creating', 1, async () => {
        for (let n = first; n <= last; n++) {
          await new Promise((resolve) => setTimeout(resolve, 180 / this.speed))
          const known = this.matlab.find((m) => m.user_id === n)
          if (known) Object.assign(known, { state: 'running', reason: null, web: true, websocket: true, started: Date.now() })
          else this.makeMatlab(n).session_id = session_id
          o.progress.done++
          this.tell('matlab.changed', { user_id: n }, ':admin')
          this.operationChanged(o)
        }
      }),
    )
  }
  changeMatlab(actor, m, kind, work) {
    const o = this.begin(actor, kind, `${m.user_id}`, [kind === 'matlab.delete' ? 'removing' : 'starting'])
    m.operation = o.oid
    return this.run(o, async () => {
      await this.step(o, o.steps[0].name, 900, work)
      m.operation = null
      this.tell('matlab.changed', { user_id: m.user_id }, ':admin')
    })
  }
}

export function reason(code, exit) {
  const texts = {
    out_of_memory: ['It used more memory than it has and was ended.', '内存超出上限，已被终止。'],
    exited: [`It ended by itself, exit code ${exit}.`, `已自行退出，退出码 ${exit}。`],
    start_failed: ['It could not be started: port 6001 already in use', '无法启动：port 6001 already in use'],
  }
  const [text, text_zh] = texts[code]
  return { code, text, text_zh }
}

function password() {
  return randomBytes(24).toString('base64').replace(/[^A-Za-z0-9]/g, '').slice(0, 16)
}
