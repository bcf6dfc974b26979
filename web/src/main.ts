import { createApp } from 'vue'
import App from './App.vue'
import { i18n, preferred, speak } from './i18n'
import { loadSession } from './lab/session'
import { router } from './router'
import './style/tokens.css'
import './style/base.css'

// Language and session are asked for side by side; a server that does not answer is the page's business, not ours.
await Promise.all([speak(preferred()), loadSession().catch(() => {})])
createApp(App).use(i18n).use(router).mount('#app')
