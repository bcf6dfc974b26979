import type { Operation } from '@/api/client'

// The ways into a container that is coming up open one after the other: ssh, Jupyter, TensorBoard. One that has not been
// waited for, or that was waited for in vain, is for its owner to try.
type Door = 'reachable' | 'jupyter' | 'tensorboard'

function stateOf(operation: Operation | undefined, door: Door) {
  return operation?.state === 'running' ? operation.steps.find((step) => step.name === door)?.state : undefined
}
export const isOpening = (operation: Operation | undefined, door: Door) => {
  const state = stateOf(operation, door)
  return state === 'pending' || state === 'running'
}
// It goes on only for what comes after ssh, so people can work already.
export const letsIn = (operation: Operation | undefined) => {
  const state = stateOf(operation, 'reachable')
  return state === 'done' || state === 'failed'
}
