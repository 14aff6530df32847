import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { duration, parseOptions, rate, share, whole } from '../../../src/commands/options.ts'

const schema = z.object({
  rps: rate.optional(),
  clients: whole(1, 10).optional(),
  duration: duration.optional(),
  maxP95: duration.optional(),
  maxErrors: share.optional(),
})
const parse = (options: Record<string, string>) => parseOptions(schema, options, 'load')

describe('options of a command line', () => {
  it.each([
    [{ rps: '0.5' }, { rps: 0.5 }],
    [{ clients: '10' }, { clients: 10 }],
    [{ duration: '1m30s' }, { duration: 90 }],
    [{ maxP95: '300ms' }, { maxP95: 0.3 }],
    [{ maxErrors: '5%' }, { maxErrors: 0.05 }],
    [{ color: 'which is not of this command' }, {}],
  ])('%j', (given, expected) => expect(parse(given)).toEqual(expected))

  it.each([
    [{ rps: '0' }, "--rps takes a number above 0, not '0'"],
    [{ rps: '1e3' }, "--rps takes a number above 0, not '1e3'"],
    [{ rps: '-1' }, "--rps takes a number above 0, not '-1'"],
    [{ clients: '11' }, "--clients takes a whole number from 1 to 10, not '11'"],
    [{ clients: '2.5' }, "--clients takes a whole number from 1 to 10, not '2.5'"],
    [{ clients: '' }, "--clients takes a whole number from 1 to 10, not ''"],
    [{ duration: '0s' }, "--duration takes a duration such as 30s, 5m or 1h, at most 24d, not '0s'"],
    [{ duration: '25d' }, "--duration takes a duration such as 30s, 5m or 1h, at most 24d, not '25d'"],
    [{ duration: 'soon' }, "--duration takes a duration such as 30s, 5m or 1h, at most 24d, not 'soon'"],
    [{ maxErrors: '101%' }, "--max-errors takes a share from 0% to 100%, such as 5% or 0.05, not '101%'"],
  ])('%j is refused, the flag and what it takes named', (given, message) =>
    expect(() => parse(given)).toThrow(expect.objectContaining({ code: 'FND_USAGE', message })),
  )

  it('are told all at once, each by its flag', () => {
    expect(() => parse({ rps: 'x', maxP95: 'y' })).toThrow(
      "--rps takes a number above 0, not 'x'; --max-p95 takes a duration such as 30s, 5m or 1h, at most 24d, not 'y'",
    )
  })
})
