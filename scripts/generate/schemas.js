// docs/schemas/<command>.json: what each command answers with --json.

import { existsSync, readdirSync } from 'node:fs'
import { z } from 'zod'

const commands = new URL('../../dist/commands/', import.meta.url)
const VARIANTS = { answer: '', row: '.row' }

export async function answerSchemas() {
  const files = {}
  for (const command of readdirSync(commands).sort()) {
    const file = new URL(`${command}/answer.js`, commands)
    if (!existsSync(file)) continue
    const exported = await import(file.href)
    for (const [name, suffix] of Object.entries(VARIANTS)) {
      if (!exported[name]) continue
      const schema = {
        title: `fnd ${command} --json: ${name === 'row' ? 'one line' : 'data'}`,
        ...z.toJSONSchema(exported[name]),
      }
      files[`docs/schemas/${command}${suffix}.json`] = `${JSON.stringify(schema, null, 2)}\n`
    }
  }
  return files
}
