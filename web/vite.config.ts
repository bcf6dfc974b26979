import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import vue from '@vitejs/plugin-vue'
import { defineConfig, type Plugin } from 'vite'

// src/boot.js as a classic script of its own in <head>: the page's policy allows nothing inline.
function boot(): Plugin {
  const source = readFileSync(new URL('src/boot.js', import.meta.url), 'utf8').replace(/^\s*\/\/.*\n/gm, '')
  const name = `assets/boot-${createHash('sha256').update(source).digest('hex').slice(0, 8)}.js`
  let serving = false
  return {
    name: 'berth-boot',
    configResolved: (config) => void (serving = config.command === 'serve'),
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: name, source })
    },
    transformIndexHtml: () => [
      { tag: 'script', attrs: { src: serving ? '/src/boot.js' : `/${name}` }, injectTo: 'head-prepend' },
    ],
  }
}

const source = new URL('src', import.meta.url).pathname
const kLater = /(Terminal|Log|Events|Changes)Pane|UsageChart|EventTable|strict_styles|parts\/(admin|matlab)|(Docs|Matlab|Account|Admin)Screen|TerminalKeys|OlderEvents|lab\/(history|matlab|openapi|parallel|range|terminal_keys)|HealthLight|CodeText|i18n\/(en|zh)\//

// What `npm run dev` shows: script/demo, or any other Berth.
const berth = process.env.BERTH_URL ?? 'http://127.0.0.1:5000'

export default defineConfig({
  plugins: [vue(), boot()],
  define: {
    __VUE_OPTIONS_API__: 'false',
    __VUE_PROD_DEVTOOLS__: 'false',
    __VUE_I18N_LEGACY_API__: 'false',
    __VUE_I18N_FULL_INSTALL__: 'false',
    __INTLIFY_PROD_DEVTOOLS__: 'false',
  },
  resolve: { alias: { '@': new URL('src', import.meta.url).pathname } },
  build: {
    target: ['chrome111', 'firefox115', 'safari16.4'],
    assetsInlineLimit: 0, // no data: addresses, which the policy does not allow
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 600,
    rolldownOptions: {
      output: {
        // Few files for what everybody needs at once; what is heavy or for few comes when it is wanted.
        codeSplitting: {
          groups: [
            { name: 'libraries', test: /node_modules\/(?!uplot|@xterm)/ },
            { name: 'page', test: (id: string) => id.startsWith(source) && !kLater.test(id) },
          ],
        },
      },
    },
  },
  server: {
    proxy: { '/api/v1': { target: berth, ws: true }, '/openapi.json': berth },
  },
})
