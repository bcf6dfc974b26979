import { api, must, type Container, type Operation } from '@/api/client'
import { expectEnd } from './announce'
import { operations } from './lab'
import { attempt } from './notes'

// What can be done to a container. Each begins an operation; how it ends is told by `announce`.
async function begin(call: () => Promise<Operation>): Promise<boolean> {
  return attempt(async () => {
    expectEnd((await call()).oid)
    await operations.refresh()
  })
}
const path = (c: Container) => ({ params: { path: { cid: c.cid } } })

export const start = (c: Container, gpus?: number[]) =>
  begin(() => must(api.POST('/api/v1/containers/{cid}/start', { ...path(c), body: gpus ? { gpus } : {} })))
export const stop = (c: Container) => begin(() => must(api.POST('/api/v1/containers/{cid}/stop', path(c))))
export const restart = (c: Container) => begin(() => must(api.POST('/api/v1/containers/{cid}/restart', path(c))))
export const remove = (c: Container) => begin(() => must(api.DELETE('/api/v1/containers/{cid}', path(c))))

const kResting = ['stopped', 'paused']
export const canStart = (c: Container) => kResting.includes(c.state) && !c.operation && c.live
export const canStop = (c: Container) => ['running', 'paused'].includes(c.state) && !c.operation && c.live
export const canSave = (c: Container) => ['running', 'stopped'].includes(c.state) && !c.operation && c.live
export const canRemove = (c: Container) => !c.operation && c.live
