// Options of a command line to precise types, with errors that name the flag.

import { z } from 'zod'
import { FndError } from '../errors/error.ts'
import { durationSeconds, LONGEST_WAIT, shareOfOne } from '../units.ts'
import type { RawOptions } from './command.ts'

/**
 * Parses what commander handed over; options that the schema does not know are left out.
 *
 * @throws FndError FND_USAGE naming the flag and what it takes.
 */
export function parseOptions<T>(schema: z.ZodType<T>, options: RawOptions, command: string): T {
  const parsed = schema.safeParse(options)
  if (parsed.success) return parsed.data
  const problem = parsed.error.issues
    .map(
      ({ path, message }) => `--${path.join('.').replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)} ${message}`,
    )
    .join('; ')
  throw new FndError('FND_USAGE', { problem, command })
}

const parsed = (parse: (text: string) => number | undefined, what: string) =>
  z.string().transform((text, ctx) => {
    const value = parse(text)
    if (value !== undefined) return value
    ctx.addIssue({ code: 'custom', message: `takes ${what}, not '${text}'` })
    return z.NEVER
  })

/** A number above 0, such as 20 or 0.5. */
export const rate = parsed(
  (text) => (/^\d+(\.\d+)?$/.test(text) && Number(text) > 0 ? Number(text) : undefined),
  'a number above 0',
)

/** A whole number within bounds; `what` it is, where the bounds do not say more. */
export const whole = (least: number, most: number, what = `a whole number from ${least} to ${most}`) =>
  parsed((text) => {
    const value = Number(text)
    return /^\d+$/.test(text) && value >= least && value <= most ? value : undefined
  }, what)

/** A duration that something waits for, in seconds, above 0. */
export const duration = parsed((text) => {
  const seconds = durationSeconds(text) ?? 0
  return seconds > 0 && seconds <= LONGEST_WAIT ? seconds : undefined
}, 'a duration such as 30s, 5m or 1h, at most 24d')

/** A share of one. */
export const share = parsed(shareOfOne, 'a share from 0% to 100%, such as 5% or 0.05')
