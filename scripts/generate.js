// Writes every file that is made from code; with --check it only says which of them are stale (exit 1).

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { commandsPage } from './generate/commands-page.js'
import { configurationPage, settingsSchemaFile } from './generate/configuration-page.js'
import { dashboardFiles } from './generate/dashboards.js'
import { errorsPage } from './generate/errors-page.js'
import { answerSchemas } from './generate/schemas.js'

/** Each gives paths from the package's root, and their contents. */
const GENERATORS = [
  commandsPage,
  configurationPage,
  settingsSchemaFile,
  errorsPage,
  answerSchemas,
  dashboardFiles,
]

const check = process.argv.includes('--check')
const root = fileURLToPath(new URL('..', import.meta.url))
const stale = []
for (const generate of GENERATORS) {
  for (const [path, content] of Object.entries(await generate())) {
    const file = `${root}${path}`
    if (existsSync(file) && readFileSync(file, 'utf8') === content) continue
    stale.push(path)
    if (check) continue
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, content)
  }
}

if (stale.length === 0) console.log('Everything generated is fresh.')
else console.log(`${check ? 'Stale' : 'Written'}:\n${stale.map((path) => `  ${path}`).join('\n')}`)
if (check && stale.length > 0) {
  console.log('Run `npm run generate` and commit what it writes.')
  process.exitCode = 1
}
