// The diff as a terminal shows it: added lines green, removed ones red, a count at the end.

import type { z } from 'zod'
import type { Paint } from '../../output/paint.ts'
import type { answer } from './answer.ts'

/** All diffs one after another, then how many objects differ. */
export function renderDiff({ name, changes }: z.infer<typeof answer>, paint: Paint): string {
  if (!changes.length) return `The stack '${name}' is as \`fnd up\` would make it`
  const lines = changes.flatMap(({ diff }) => diff.trimEnd().split('\n').map(painted(paint)))
  const count = changes.length === 1 ? '1 object' : `${changes.length} objects`
  return [...lines, '', `\`fnd up\` would change ${count}`].join('\n')
}

function painted(paint: Paint): (line: string) => string {
  return (line) => {
    if (/^(---|\+\+\+) /.test(line)) return paint.bold(line)
    if (line.startsWith('+')) return paint.good(line)
    if (line.startsWith('-')) return paint.bad(line)
    return line.startsWith('@@') ? paint.dim(line) : line
  }
}
