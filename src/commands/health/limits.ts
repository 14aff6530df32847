// Reads --slo and --window.

import { FndError } from '../../errors/error.ts'
import type { Demands } from '../../observe/verdict.ts'
import { durationSeconds, shareOfOne } from '../../units.ts'

const NAMES = ['p50', 'p95', 'p99', 'mean', 'errors'] as const

/**
 * The limits of `--slo p95=300ms,errors=1%`: seconds and shares of one.
 *
 * @throws FndError FND_USAGE naming the limit that was not understood.
 */
export function parseDemands(text: string): Demands {
  const demands: Demands = {}
  for (const part of text.split(',')) {
    const [key, value = ''] = part.split('=', 2).map((side) => side.trim())
    const name = NAMES.find((known) => known === key)
    if (!name) throw wrong(`--slo does not know '${key}'; it takes ${NAMES.join(', ')}`)
    // A bare number would be seconds, and 300 is meant as milliseconds more often than not.
    const limit =
      name === 'errors' ? shareOfOne(value) : /[a-z]$/.test(value) ? durationSeconds(value) : undefined
    if (limit === undefined) {
      throw wrong(
        `--slo ${name} takes ${name === 'errors' ? 'a share such as 1%' : 'a duration such as 300ms'}, not '${value}'`,
      )
    }
    demands[name] = limit
  }
  return demands
}

/**
 * The window in seconds: whole, a minute to a day, so that it holds several scrapes.
 *
 * @throws FndError FND_USAGE
 */
export function parseWindow(text: string): number {
  const seconds = durationSeconds(text)
  if (seconds === undefined || seconds < 60 || seconds > 86_400 || !Number.isInteger(seconds)) {
    throw wrong(`--window takes a duration from 1m to 1d, not '${text}'`)
  }
  return seconds
}

function wrong(problem: string): FndError<'FND_USAGE'> {
  return new FndError('FND_USAGE', { problem, command: 'health' })
}
