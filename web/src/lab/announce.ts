import { watch } from 'vue'
import { i18n } from '@/i18n'
import { operations } from './lab'
import { useNotes } from './notes'
import { session } from './session'

// Tells how longer work ended, on whatever screen one is by then. A screen that shows an operation itself says so.
const shownElsewhere = new Set<string>()
export function showsItself(oid: string) {
  shownElsewhere.add(oid)
}

export function announceOperations() {
  const { good, bad } = useNotes()
  const { t } = i18n.global
  const running = new Set<string>()
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
          const zh = i18n.global.locale.value === 'zh-CN'
          const why = operation.problem ? (zh ? operation.problem.title_zh : operation.problem.title) : ''
          bad(t(`failed.${operation.kind.replace('.', '_')}`, { name }), [why, operation.problem?.detail].filter(Boolean).join(' '))
        } else if (operation.kind === 'image.save') {
          good(t('done.image_save', { name }), { to: { name: 'images' }, text: t('done.seeImages') })
        } else if (operation.kind !== 'container.create') {
          good(t(`done.${operation.kind.replace('.', '_')}`, { name }))
        }
      }
    },
  )
}
