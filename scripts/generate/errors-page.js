// docs/errors.md: every error of the catalogue.

import { ERRORS } from '../../dist/errors/catalogue.js'

const EXIT_MEANINGS = {
  1: 'failed',
  2: 'used wrongly',
  3: 'unhealthy',
  4: 'something needed is missing',
  5: 'a wait ran out of time',
  130: 'interrupted',
}

export function errorsPage() {
  const rows = Object.entries(ERRORS).map(
    ([code, { summary, exit }]) => `| \`${code}\` | ${summary} | ${exit} (${EXIT_MEANINGS[exit]}) |`,
  )
  return {
    'docs/errors.md': `# Errors

Generated from \`src/errors/catalogue.ts\`. A code never changes its meaning. Each message says what happened, why, and the
command that mends it; with \`--json\` the same stands in \`error\` as \`{code, message, cause, hint}\`. The backend uses the
same codes in its problem documents (RFC 9457).

| code | what it means | exit code |
|---|---|---|
${rows.join('\n')}
`,
  }
}
