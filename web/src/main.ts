import { createApp } from 'vue'
import App from './App.vue'
import { i18n, preferred, speak } from './i18n'
import { loadSession } from './lab/session'
import { router } from './router'
import './style/tokens.css'
import './style/base.css'

const kAgain = 1500

// Who is here decides what is shown, so it is asked until there is an answer.
async function askWhoIsHere() {
  for (;;) {
    try {
      return await loadSession()
    } catch {
      document.querySelector('#app')!.textContent = i18n.global.t('link.starting')
      await new Promise((resolve) => setTimeout(resolve, kAgain))
    }
  }
}

const asked = askWhoIsHere() // beside the words, which are a request of their own
await speak(preferred())
await asked
createApp(App).use(i18n).use(router).mount('#app')
