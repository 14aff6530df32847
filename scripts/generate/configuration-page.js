// docs/configuration.md and docs/fnd.schema.json: every setting.

import { z } from 'zod'
import { settingEntries, settingsSchema } from '../../dist/config/schema.js'

const shown = (value) => (value === undefined ? '' : `\`${JSON.stringify(value)}\``)

export function configurationPage() {
  const rows = settingEntries().map(
    (entry) => `| \`${entry.path}\` | \`${entry.env}\` | ${shown(entry.default)} | ${entry.description} |`,
  )
  return {
    'docs/configuration.md': `# Configuration

Generated from \`src/config/schema.ts\`. A setting is taken from, in this order: a flag of the command, the environment,
\`fnd.yaml\` in the folder where fnd is called (or the file named by \`--config\` or \`FND_CONFIG\`), the default. What does not
fit is refused with the setting's name; nothing is ignored. Durations are seconds, or written as \`30s\`, \`5m\`, \`1h30m\`.

\`\`\`yaml
# fnd.yaml
# yaml-language-server: $schema=./node_modules/fnd/docs/fnd.schema.json
ports:
  backend: 8100
backend:
  workers: 2
slo:
  availability: 99.5%
\`\`\`

| setting | environment | default | meaning |
|---|---|---|---|
${rows.join('\n')}

Besides these: \`FND_CACHE_DIR\` (programs, models, evidence; kept by \`fnd down\`) and \`FND_STATE_DIR\` (running stacks; gone after \`fnd down\`)
name the two folders that fnd writes to, \`NO_COLOR\` and \`FORCE_COLOR\` govern colours.
`,
  }
}

export function settingsSchemaFile() {
  const schema = z.toJSONSchema(settingsSchema, { io: 'input', unrepresentable: 'any' })
  return { 'docs/fnd.schema.json': `${JSON.stringify({ title: 'fnd.yaml', ...schema }, null, 2)}\n` }
}
