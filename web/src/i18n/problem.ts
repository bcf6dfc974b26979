import type { Problem } from '@/api/client'
import { i18n } from '.'

// What to say about a refusal: the server's sentence in the reader's language, ours for what never reached it. Which GPU
// was refused stands in the detail, in the contract's English words.
export function problemText(problem: Problem): { title: string; detail?: string } {
  const { t, te, locale } = i18n.global
  const gpu = problem.code === 'gpu_not_available' && /^gpu (\d+) /.exec(problem.detail ?? '')
  if (gpu) return { title: t('problem.gpuTaken', { gid: gpu[1] }) }
  const ours = `problem.${problem.code}`
  const isChinese = locale.value === 'zh-CN'
  const said = isChinese ? problem.title_zh : problem.title
  const title = said || (te(ours) ? t(ours) : t('problem.internal'))
  return { title, detail: (isChinese && problem.detail_zh) || problem.detail || undefined }
}

// Both in one line, for the place under a field.
export function problemLine(problem: Problem): string {
  const { title, detail } = problemText(problem)
  return [title, detail].filter(Boolean).join(' ')
}
