// docs/schemas/<command>.json: what each command answers with --json; a subcommand's file is <command>-<subcommand>.json.

import { readdirSync } from 'node:fs'
import { dirname, relative, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { z } from 'zod'

const commands = fileURLToPath(new URL('../../dist/commands/', import.meta.url))
const VARIANTS = { answer: '', row: '.row' }

export async function answerSchemas() {
  const files = {}
  const places = readdirSync(commands, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.name === 'answer.js')
    .map((entry) => `${entry.parentPath}${sep}${entry.name}`)
    .sort()
  for (const place of places) {
    const words = relative(commands, dirname(place)).split(sep)
    const exported = await import(pathToFileURL(place).href)
    for (const [name, suffix] of Object.entries(VARIANTS)) {
      if (!exported[name]) continue
      const schema = {
        title: `fnd ${words.join(' ')} --json: ${name === 'row' ? 'one line' : 'data'}`,
        ...z.toJSONSchema(exported[name]),
      }
      files[`docs/schemas/${words.join('-')}${suffix}.json`] = `${JSON.stringify(schema, null, 2)}\n`
    }
  }
  return files
}
