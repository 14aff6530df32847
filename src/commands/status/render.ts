// The status of a stack as a table of components, with the reason under each that is not well.

import { stripVTControlCharacters } from 'node:util'
import type { z } from 'zod'
import { seconds } from '../../format.ts'
import type { Mark } from '../../mark.ts'
import type { Paint } from '../../output/paint.ts'
import { hang } from '../../output/prose.ts'
import { shortName } from '../instance-name.ts'
import { noteText } from '../note-text.ts'
import type { answer } from './answer.ts'

type Status = z.infer<typeof answer>

const MARKS: Record<Status['components'][number]['state'], Mark> = {
  running: 'good',
  starting: 'unknown',
  failing: 'bad',
  stopped: 'bad',
  missing: 'warning',
}
const STACK_MARKS: Record<Status['state'], Mark> = {
  running: 'good',
  starting: 'unknown',
  degraded: 'warning',
  failing: 'bad',
  absent: 'unknown',
}

/** A heading, a row per component, then the notes; at most `columns` wide where the texts allow it. */
export function renderStatus(status: Status, paint: Paint, columns: number): string {
  const heading = `${paint.mark(STACK_MARKS[status.state])} ${paint.bold(status.name)}${status.runtime ? ` on ${status.runtime}` : ''}: ${paint.as(STACK_MARKS[status.state], status.state)}`
  if (status.state === 'absent') return `${heading}\n  Start it with \`fnd up\`.`
  const rows = status.components.map((one) => [
    `${paint.mark(MARKS[one.state])} ${one.component}${several(status, one) ? ` ${paint.dim(shortName(one.instance))}` : ''}`,
    one.state,
    one.version ?? '-',
    one.uptime === undefined ? '-' : seconds(Math.round(one.uptime)),
    String(one.restarts),
    one.url ?? '-',
  ])
  const table = [['  component', 'state', 'version', 'up for', 'restarts', 'address'], ...rows]
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => width(row[column] ?? '')))) ?? []
  const lines = table.map((row) =>
    row
      .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - width(cell)))
      .join('  ')
      .trimEnd(),
  )
  const [head = '', ...body] = lines
  const explained = body.flatMap((line, index) => {
    const reason = status.components[index]?.reason
    return reason ? [line, paint.dim(hang(`    ${reason}`, columns, '    '))] : [line]
  })
  const notes = status.notes.map((note) => noteText(note, columns))
  return [heading, '', paint.dim(head), ...explained, ...(notes.length ? ['', ...notes] : [])].join('\n')
}

/** Pods of one component have one name but for its end. */
const several = ({ components }: Status, { component }: Status['components'][number]) =>
  components.filter((other) => other.component === component).length > 1

const width = (text: string) => stripVTControlCharacters(text).length
