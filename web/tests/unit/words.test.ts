import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import en from '@/i18n/en'
import zh from '@/i18n/zh'

function flatten(tree: object, prefix = ''): Map<string, string> {
  const all = new Map<string, string>()
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === 'string') all.set(prefix + key, value)
    else for (const [k, v] of flatten(value as object, `${prefix}${key}.`)) all.set(k, v)
  }
  return all
}
const english = flatten(en)
const chinese = flatten(zh)
const holes = (text: string) => [...new Set([...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]))].sort()

const root = join(import.meta.dirname, '../../src')
const sources = readdirSync(root, { recursive: true, withFileTypes: true })
  .filter((f) => /\.(vue|ts)$/.test(f.name) && !/i18n\/(en|zh)$/.test(f.parentPath))
  .map((f) => [f.name, readFileSync(join(f.parentPath, f.name), 'utf8')] as const)

it('says everything in both languages, with the same holes', () => {
  expect([...chinese.keys()]).toEqual([...english.keys()])
  for (const [key, text] of english) {
    // A plural may leave its number out of one form, and Chinese has one form only.
    const must = holes(chinese.get(key)!)
    expect(holes(text), key).toEqual(expect.arrayContaining(must))
  }
})

it('asks for no words that are not there', () => {
  for (const [file, text] of sources) {
    for (const [, key] of text.matchAll(/\bt\('([\w.]+)'/g)) expect(english.has(key!), `${file}: ${key}`).toBe(true)
    for (const [, start] of text.matchAll(/\bt\(`([\w.]+[._])\$\{/g)) {
      expect([...english.keys()].some((key) => key.startsWith(start!)), `${file}: ${start}`).toBe(true)
    }
  }
})

it('has words for whatever the server writes down', () => {
  const control = join(root, '../../src/control')
  const written = readdirSync(control)
    .filter((name) => /(?<!_test)\.cpp$/.test(name))
    .flatMap((name) => [...readFileSync(join(control, name), 'utf8').matchAll(/"((?:container|image|user|matlab|device|token)\.\w+)"/g)])
    .map(([, action]) => `event.${action!.replace('.', '_')}`)
  expect(written.length).toBeGreaterThan(20)
  expect([...english.keys()].filter((key) => key.startsWith('event.')).sort()).toEqual([...new Set(written)].sort())
})

it('keeps no words that nobody asks for', () => {
  const everything = sources.map(([, text]) => text).join('\n')
  const starts = [...everything.matchAll(/`([\w.]+[._])\$\{/g)].map((m) => m[1]!)
  const asked = (key: string) => everything.includes(`'${key}'`) || everything.includes(`"${key}"`) || starts.some((s) => key.startsWith(s))
  expect([...english.keys()].filter((key) => !asked(key))).toEqual([])
})

it('writes no words into the templates themselves', () => {
  const allowed = /^(Berth|Jupyter|TensorBoard|SSH|GPU|HTTP|WebSocket|cid|%|OpenAPI 3\.1|openapi\.json|[\s·–/():#,?•])*$/
  const found: string[] = []
  for (const [file, text] of sources.filter(([name]) => name.endsWith('.vue'))) {
    const template = /<template>([\s\S]*)<\/template>/.exec(text)?.[1] ?? ''
    const bare = template
      .replace(/<!--[\s\S]*?-->/g, '')
      .replace(/\{\{[\s\S]*?\}\}/g, ' ')
      .replace(/<(?:"[^"]*"|'[^']*'|[^>"'])*>/g, '\n')
    for (const piece of bare.split('\n').map((line) => line.trim())) if (!allowed.test(piece)) found.push(`${file}: ${piece}`)
  }
  expect(found).toEqual([])
})
