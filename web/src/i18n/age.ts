import { computed, onScopeDispose, shallowRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { ageOf } from '@/lab/format'

// One clock for all ages on the page, a step every 20 s.
const tick = shallowRef(0)
let users = 0
let timer = 0

export function useAge() {
  const { t, locale } = useI18n()
  if (users++ === 0) timer = window.setInterval(() => tick.value++, 20_000)
  onScopeDispose(() => --users === 0 && clearInterval(timer))

  const full = computed(
    () => new Intl.DateTimeFormat(locale.value, { dateStyle: 'medium', timeStyle: 'medium', hour12: false }),
  )
  return {
    // "3 h": for how long.
    short(at: string): string {
      void tick.value
      const age = ageOf(at)
      return t(`age.${age.unit}`, { n: age.n })
    },
    // "3 h ago".
    ago(at: string): string {
      void tick.value
      const age = ageOf(at)
      return age.unit === 'now' ? t('age.justNow') : t('age.ago', { age: t(`age.${age.unit}`, { n: age.n }) })
    },
    exact: (at: string) => full.value.format(new Date(at)),
  }
}
