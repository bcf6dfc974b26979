import { ref } from 'vue'

export type Theme = 'system' | 'light' | 'dark'
const stored = localStorage.getItem('berth.theme')
export const theme = ref<Theme>(stored === 'light' || stored === 'dark' ? stored : 'system')

export function setTheme(wanted: Theme) {
  theme.value = wanted
  if (wanted === 'system') {
    delete document.documentElement.dataset.theme
    localStorage.removeItem('berth.theme')
  } else {
    document.documentElement.dataset.theme = wanted
    localStorage.setItem('berth.theme', wanted)
  }
}
