import { watch } from 'vue'
import { i18n } from '@/i18n'
import { problemText } from '@/i18n/problem'
import { operationOf, operations } from './lab'
import { useNotes } from './notes'
import { session } from './session'

// Tells how longer work ended, on whatever screen one is by then. A screen that shows an operation itself says so, for as
// long as it does.
const running = new Set<string>()
const shownElsewhere = new Set<string>()

// Begun by this page: its end is told even if it was over before it was first seen.
export function expectEnd(oid: string) {
  if (!operationOf(oid)) running.add(oid)
}

// What it returns ends that: from then on the end of the operation is told again.
export function showsItself(oid: string): () => void {
  expectEnd(oid)
  shownElsewhere.add(oid)
  return () => void shownElsewhere.delete(oid)
}

export function announceOperations() {
  const { good, bad } = useNotes()
  const { t } = i18n.global
  let resource: typeof operations | null = null

  watch(
    () => session.user?.uid,
    (uid) => {
      running.clear()
      if (uid && !resource) resource = operations.use()
    },
    { immediate: true },
  )
  watch(
    () => operations.data,
    (list) => {
      for (const operation of list ?? []) {
        if (operation.state === 'running') {
          running.add(operation.oid)
          continue
        }
        if (!running.delete(operation.oid) || shownElsewhere.has(operation.oid)) continue
        const name = operation.subject
        if (operation.state === 'failed') {
          const why = operation.problem && problemText(operation.problem)
          bad(t(`failed.${operation.kind.replace('.', '_')}`, { name }), why ? [why.title, why.detail].filter(Boolean).join(' ') : '')
        } else if (operation.kind === 'image.save') {
          good(t('done.image_save', { name }), { to: { name: 'images' }, text: t('done.seeImages') })
        } else if (operation.kind === 'container.create') {
          good(t('done.container_create', { name }), { to: { name: 'container', params: { cid: operation.cid } }, text: t('new.open') })
        } else {
          good(t(`done.${operation.kind.replace('.', '_')}`, { name }))
        }
      }
    },
  )
}
