import { api, must, whole } from '@/api/client'
import { on } from './live'
import { makeResource } from './resource'

// What the whole page shares.
export const devices = makeResource(
  () => whole((after) => api.GET('/api/v1/devices', { params: { query: { after } } })),
  { topics: ['device.changed'], every: 10_000 },
)
export const containers = makeResource(
  () => whole((after) => api.GET('/api/v1/containers', { params: { query: { after } } })),
  { topics: ['container.changed'], every: 15_000 },
)
export const images = makeResource(
  () => whole((after) => api.GET('/api/v1/images', { params: { query: { after } } })),
  { topics: ['image.changed', 'container.changed'] },
)
export const operations = makeResource(
  async () => (await must(api.GET('/api/v1/operations', { params: { query: { limit: 100 } } }))).items,
  { topics: ['operation.changed'] },
)

export const operationOf = (oid: string | null | undefined) =>
  oid ? operations.data?.find((operation) => operation.oid === oid) : undefined

// Everything that somebody else must not see after this user has gone.
export function forgetAll() {
  for (const resource of [devices, containers, images, operations]) {
    ;(resource as { data: unknown }).data = undefined
    resource.failure = null
  }
}

// Once an operation is over, what it changed is read again even if its event was lost.
on('operation.changed', () => void containers.refresh())
