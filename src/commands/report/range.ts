// Reads --since, --from and --to.

import { FndError } from '../../errors/error.ts'
import type { Span } from '../../observe/history.ts'
import { durationSeconds } from '../../units.ts'
import type { RawOptions } from '../command.ts'

const DEFAULT_SECONDS = 3600
/** Shorter ones hold no rate. */
const LEAST_SECONDS = 60
const MOMENT = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?))?(Z|[+-]\d{2}:?\d{2})?$/

/**
 * The range that the flags ask for, in whole seconds since 1970; `now` is in milliseconds since 1970.
 *
 * @throws FndError FND_USAGE naming the flag.
 */
export function parseRange(options: RawOptions, now: number): Span {
  const given = (name: string) => (typeof options[name] === 'string' ? options[name] : undefined)
  const [since, from, to] = ['since', 'from', 'to'].map(given)
  if (since !== undefined && from !== undefined) throw wrong('--since and --from exclude each other')
  const present = Math.floor(now / 1000)
  const end = to === undefined ? present : Math.min(parseMoment('to', to), present)
  const back = since === undefined ? DEFAULT_SECONDS : durationSeconds(since)
  if (!back) throw wrong(`--since takes a duration such as 30m, 6h or 7d, not '${since}'`)
  const start = from === undefined ? Math.round(end - back) : parseMoment('from', from)
  if (start >= present) throw wrong(`--from lies in the future: '${from}'`)
  if (start >= end) throw wrong('--from must be before --to')
  if (end - start < LEAST_SECONDS) throw wrong('The range must be at least a minute long')
  return { from: start, to: end }
}

function parseMoment(flag: string, text: string): number {
  const [whole, day, time = '00:00', zone = 'Z'] = MOMENT.exec(text.trim()) ?? []
  const at = whole === undefined ? Number.NaN : Date.parse(`${day}T${time}${zone}`)
  if (Number.isNaN(at)) {
    throw wrong(
      `--${flag} takes a date or time such as 2026-03-01 or 2026-03-01T14:00 (UTC, or with a zone), not '${text}'`,
    )
  }
  return Math.floor(at / 1000)
}

function wrong(problem: string): FndError<'FND_USAGE'> {
  return new FndError('FND_USAGE', { problem, command: 'report' })
}
