import { createI18n } from 'vue-i18n'
import type en from './en'

export type Language = 'en' | 'zh-CN'
export const languages: { code: Language; name: string }[] = [
  { code: 'en', name: 'English' },
  { code: 'zh-CN', name: '简体中文' },
]

export const i18n = createI18n({
  legacy: false,
  locale: 'en' as Language,
  fallbackLocale: 'en' as Language,
  missingWarn: false,
  fallbackWarn: false,
  messages: {} as Record<Language, typeof en>,
})

const loaders: Record<Language, () => Promise<{ default: unknown }>> = {
  en: () => import('./en'),
  'zh-CN': () => import('./zh'),
}

export function preferred(): Language {
  const stored = localStorage.getItem('berth.language')
  return /^zh/i.test(stored ?? navigator.language) ? 'zh-CN' : 'en'
}

// Only the language in use is loaded.
export async function speak(language: Language, remember = false) {
  if (!i18n.global.availableLocales.includes(language)) {
    i18n.global.setLocaleMessage(language, (await loaders[language]()).default as never)
  }
  i18n.global.locale.value = language
  document.documentElement.lang = language
  if (remember) localStorage.setItem('berth.language', language)
}
