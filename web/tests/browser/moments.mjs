// What a screen looks like at a moment that a lab does not bring about when asked: a server that refuses, a machine that does not
// answer, a login that has ended. Each goes between the page and Berth until the page shows the next screen.
const refusal = (status, code, title, title_zh, detail) => ({
  status, contentType: 'application/problem+json', body: JSON.stringify({ type: 'about:blank', status, code, title, title_zh, detail }),
})
const kBusy = refusal(409, 'busy', 'Something else is under way with it.', '它正在进行其他操作。')

export const kUnreachable = refusal(503, 'device_unreachable', 'The machine does not answer.', '机器没有响应。', 'connect: timed out')

export const answerWith = (page, address, answer, method = 'GET') =>
  page.route(address, (route) => (route.request().method() === method ? route.fulfill(answer) : route.fallback()))

export const changeAnswer = (page, address, change) =>
  page.route(address, async (route) => {
    if (route.request().method() !== 'GET') return route.fallback()
    const response = await route.fetch()
    const body = await response.json()
    change(body)
    await route.fulfill({ response, json: body })
  })

export const loseConnection = (page) => page.route('**/api/v1/events', (route) => route.abort())
export const anotherVersion = (page) => changeAnswer(page, '**/api/v1/session', (body) => (body.server.version = '0.0.0'))
export const oneDraining = (page) => changeAnswer(page, '**/api/v1/devices*', ({ items }) => drain(items[0]))
export const oneUnreachable = (page) =>
  changeAnswer(page, '**/api/v1/devices*', ({ items: [device] }) => {
    device.state = 'unreachable'
    device.load = null
    for (const gpu of device.gpus) Object.assign(gpu, { holder: null, cid: null, since: null, load: null, state: 'unknown' })
  })

function drain(device) {
  device.state = 'draining'
  if (device.admin) device.admin.draining = true
}

export const refuseShare = (page) => answerWith(page, '**/api/v1/images/*/public', kBusy, 'PUT')
export const endLogin = (page) => answerWith(page, '**/api/v1/password', refusal(401, 'not_logged_in', 'Please log in.', '请先登录。'), 'PUT')

export function failToCreate(page) {
  const at = new Date().toISOString()
  const step = (name, state) => ({ name, state, started_at: at, ended_at: at })
  const problem = { type: 'about:blank', status: 502, code: 'engine_refused', title: 'The engine refused.', title_zh: '引擎拒绝了请求。', detail: 'no such image' }
  const operation = {
    oid: 'failed', kind: 'container.create', state: 'failed', cid: null, iid: null, subject: 'work', progress: null, problem, started_at: at, ended_at: at,
    steps: [step('reserved', 'done'), step('creating', 'failed'), { name: 'starting', state: 'pending', started_at: null, ended_at: null }],
  }
  return answerWith(page, '**/api/v1/containers', { status: 202, json: operation }, 'POST')
}
