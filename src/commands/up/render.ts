// The end of `fnd up`: the addresses, and what to do next.

import type { z } from 'zod'
import { seconds } from '../../format.ts'
import { nameFlag } from '../../name-flag.ts'
import type { Paint } from '../../output/paint.ts'
import { hang } from '../../output/prose.ts'
import { noteText } from '../note-text.ts'
import type { answer } from './answer.ts'

/** The plan of a dry run, or the addresses of a stack that is up and its model, and what to do next unless only the answer is wanted; `program` is how fnd was called. */
export function renderUp(
  data: z.infer<typeof answer>,
  paint: Paint,
  { quiet, columns, program }: { quiet: boolean; columns: number; program: string },
): string {
  if (data.state === 'planned')
    return [
      'Would, in this order:',
      ...data.actions.map(({ title }) => `  ${title}`),
      ...data.notes.map((note) => `    ${note}`),
    ].join('\n')
  const flag = nameFlag(data.name)
  const { model, endpoints } = data
  const { backend } = endpoints
  const addresses = Object.entries(endpoints).flatMap(([name, url]) =>
    url ? [`  ${name.padEnd(12)}${paint.accent(url)}`] : [],
  )
  const next = [
    ...(addresses.length ? [] : [`${program} open${flag}`]),
    `${program} predict${flag} "The court rejected the appeal on Friday, its spokesman said."`,
    `${program} health${flag}`,
    `${program} down${flag}`,
  ]
  return [
    data.state === 'running'
      ? `${paint.mark('good')} The stack '${data.name}' is up (${seconds(data.seconds)})`
      : hang(
          `${paint.mark('warning')} The stack '${data.name}' is up, but degraded (${seconds(data.seconds)}): \`fnd status${flag}\` says why`,
          columns,
          '  ',
        ),
    '',
    ...addresses,
    ...(backend ? [`  ${'API'.padEnd(12)}${paint.accent(`${backend}/docs`)}`] : []),
    ...(model ? [`  ${'model'.padEnd(12)}${model.name} ${model.version}`] : []),
    ...data.notes.map((note) => noteText(note, columns, '  ')),
    ...(quiet ? [] : ['', 'Next:', ...next.map((line) => `  ${line}`)]),
  ].join('\n')
}
