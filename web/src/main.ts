import { createApp } from 'vue'
import App from './App.vue'
import { i18n, preferred, speak } from './i18n'
import { loadSession } from './lab/session'
import { router } from './router'
import './style/tokens.css'
import './style/base.css'
import './style/table.css'

const kAgain = 1500

// Who is here decides what is shown, so it is asked until there is an answer.
async function askWhoIsHere() {
  for (;;) {
    try {
      return await loadSession()
    } catch {
      const word = Object.assign(document.createElement('p'), { className: 'starting', textContent: i18n.global.t('link.starting') })
      document.querySelector('#app')!.replaceChildren(word)
      await new Promise((resolve) => setTimeout(resolve, kAgain))
    }
  }
}

const asked = askWhoIsHere() // beside the words, which are a request of their own
await speak(preferred())
await asked
createApp(App).use(i18n).use(router).mount('#app')
