// A model as a terminal shows it: identity, files, quality, and the history of an alias.

import type { z } from 'zod'
import { bytes, percent, tally } from '../../../format.ts'
import type { Paint } from '../../../output/paint.ts'
import { oneLine } from '../../../output/prose.ts'
import { canaryText } from '../alias-moved.ts'
import { signaturesText } from '../signatures.ts'
import type { answer } from './answer.ts'

/** A few lines on the model, then a table of its files. What a bucket says is printed without control characters. */
export function renderInfo(data: z.infer<typeof answer>, paint: Paint): string {
  const fact = (name: string, value: string | undefined): string[] =>
    value ? [`${paint.dim(name.padEnd(9))} ${oneLine(value)}`] : []
  const width = Math.max(...data.files.map(({ path }) => path.length))
  return [
    paint.bold(oneLine(`${data.name} ${data.version}`)),
    ...fact('manifest', data.sha256.slice(0, 12)),
    ...fact('folder', data.folder),
    ...fact('pushed', data.pushed && `${minute(data.pushed.at)} by ${data.pushed.by}`),
    ...fact('signed by', data.signatures && (signaturesText(data.signatures) ?? 'nobody')),
    ...fact('canary', data.canary && canaryText(data.canary)),
    ...fact('licence', data.licence),
    ...fact('self-test', data.selfTest ? tally(data.selfTest, 'reference text') : 'none'),
    ...Object.entries(data.metrics ?? {}).flatMap(([set, figures]) =>
      fact(
        'quality',
        `${set}: ${Object.entries(figures)
          .map(([name, value]) => `${name} ${value}`)
          .join(', ')}`,
      ),
    ),
    '',
    ...data.files.map(
      ({ path, size, sha256 }) =>
        `${path.padEnd(width)}  ${bytes(size).padStart(9)}  ${paint.dim(sha256.slice(0, 12))}`,
    ),
    ...(data.history
      ? [
          '',
          ...data.history.map(
            ({ at, by, from, to, kind, share, why }) =>
              `${minute(at)}  ${kind.padEnd(8)}  ${oneLine(`${from ?? '-'} → ${to}`)}${share === undefined ? '' : ` ${share ? percent(share) : 'shadow'}`}  ${paint.dim(oneLine(by))}${why ? `  ${oneLine(why)}` : ''}`,
          ),
        ]
      : []),
  ].join('\n')
}

const minute = (at: string): string => at.slice(0, 16).replace('T', ' ')
