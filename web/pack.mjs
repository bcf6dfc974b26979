// Packs every file of a folder with brotli and gzip where that pays, and writes files.json: what a server needs to know.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { extname, join, relative, sep } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const kTypes = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}
const kPacked = new Set(['.br', '.gz'])

const folder = process.argv[2] ?? 'dist'
const files = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && !kPacked.has(extname(entry.name)) && kTypes[extname(entry.name)])
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
  .sort()

const listed = files.map((file) => {
  const content = readFileSync(file)
  const path = `/${relative(folder, file).split(sep).join('/')}`
  const entry = {
    path,
    type: kTypes[extname(file)],
    etag: createHash('sha256').update(content).digest('hex').slice(0, 16),
    immutable: path.startsWith('/assets/'),
    bytes: content.length,
  }
  if (extname(file) === '.woff2') return entry
  const br = brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length } })
  const gz = gzipSync(content, { level: 9 })
  writeFileSync(`${file}.br`, br)
  writeFileSync(`${file}.gz`, gz)
  return { ...entry, br: br.length, gz: gz.length }
})
writeFileSync(join(folder, 'files.json'), `${JSON.stringify(listed, null, 1)}\n`)
