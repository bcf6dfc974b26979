import { api, must, Refusal, type Container, type Operation, type Problem } from '@/api/client'
import { expectEnd } from './announce'
import { operations } from './lab'
import { attempt } from './notes'

// What can be done to a container. Each begins an operation; how it ends is told by `announce`.
async function follow(call: Promise<Operation>) {
  expectEnd((await call).oid)
  await operations.refresh()
}
const begin = (call: () => Promise<Operation>) => attempt(() => follow(call()))
const path = (c: Container) => ({ params: { path: { cid: c.cid } } })

// What it was refused for; null: it begins. Without `gpus` with those it had.
export async function start(c: Container, gpus?: number[]): Promise<Problem | null> {
  try {
    await follow(must(api.POST('/api/v1/containers/{cid}/start', { ...path(c), body: gpus ? { gpus } : {} })))
    return null
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return error.problem
  }
}
export const stop = (c: Container) => begin(() => must(api.POST('/api/v1/containers/{cid}/stop', path(c))))
export const restart = (c: Container) => begin(() => must(api.POST('/api/v1/containers/{cid}/restart', path(c))))
export const remove = (c: Container) => begin(() => must(api.DELETE('/api/v1/containers/{cid}', path(c))))

const kResting = ['stopped', 'paused']
export const canStart = (c: Container) => kResting.includes(c.state) && !c.operation && c.live
export const canStop = (c: Container) => ['running', 'paused'].includes(c.state) && !c.operation && c.live
export const canSave = (c: Container) => ['running', 'stopped'].includes(c.state) && !c.operation && c.live
export const canRemove = (c: Container) => !c.operation && c.live
