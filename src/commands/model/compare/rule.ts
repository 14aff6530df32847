// Reads --rule.

import { FndError } from '../../../errors/error.ts'
import { CANARY_RULE, type CanaryRule } from '../../../observe/canary.ts'
import { shareOfOne } from '../../../units.ts'

const WHOLE = (text: string) => (/^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined)
const TIMES = (text: string) =>
  /^\d{1,4}(\.\d+)?$/.test(text) && Number(text) >= 1 ? Number(text) : undefined

const LIMITS: Record<keyof CanaryRule, { read: (text: string) => number | undefined; what: string }> = {
  texts: { read: WHOLE, what: 'a whole number of texts' },
  errors: { read: shareOfOne, what: 'a share such as 1%' },
  latency: { read: TIMES, what: 'how many times longer, such as 1.5' },
  mix: { read: shareOfOne, what: 'a share such as 10%' },
  disagreement: { read: shareOfOne, what: 'a share such as 10%' },
}

/**
 * The rule with the limits of `texts=500,errors=1%`; those that are not named keep their default.
 *
 * @throws FndError FND_USAGE naming the limit that was not understood.
 */
export function parseRule(text: string | undefined): CanaryRule {
  const rule = { ...CANARY_RULE }
  for (const part of text?.split(',') ?? []) {
    const [key = '', value = ''] = part.split('=', 2).map((side) => side.trim())
    const name = (Object.keys(LIMITS) as (keyof CanaryRule)[]).find((known) => known === key)
    if (!name) throw wrong(`--rule does not know '${key}'; it takes ${Object.keys(LIMITS).join(', ')}`)
    const limit = LIMITS[name].read(value)
    if (limit === undefined) throw wrong(`--rule ${name} takes ${LIMITS[name].what}, not '${value}'`)
    rule[name] = limit
  }
  return rule
}

function wrong(problem: string): FndError<'FND_USAGE'> {
  return new FndError('FND_USAGE', { problem, command: 'model compare' })
}
