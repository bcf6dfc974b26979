import type { Problem } from '@/api/client'
import { i18n } from '.'

// What to say about a refusal: the server's sentence in the reader's language, ours for what never reached it.
export function problemText(problem: Problem): { title: string; detail?: string } {
  const { t, te, locale } = i18n.global
  const ours = `problem.${problem.code}`
  const said = locale.value === 'zh-CN' ? problem.title_zh : problem.title
  const title = said || (te(ours) ? t(ours) : t('problem.internal'))
  return { title, detail: problem.detail || undefined }
}
