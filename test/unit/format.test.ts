import { describe, expect, it } from 'vitest'
import { bytes, count, number, percent, seconds, tally } from '../../src/format.ts'

describe('numbers as people read them', () => {
  it.each([
    [seconds(0), '0 ms'],
    [seconds(0.00042), '420 µs'],
    [seconds(0.0042), '4.2 ms'],
    [seconds(0.25), '250 ms'],
    [seconds(1.5), '1.5 s'],
    [seconds(75), '1 min 15 s'],
    [seconds(7200), '2 h'],
    [seconds(200_000), '2 d 7 h'],
    [bytes(0), '0 B'],
    [bytes(1536), '1.5 KiB'],
    [bytes(22_968_457), '21.9 MiB'],
    [percent(0.0123), '1.23 %'],
    [percent(0), '0 %'],
    [percent(1), '100 %'],
    [count(12_345), '12,345'],
    [tally(1, 'text'), '1 text'],
    [tally(1200, 'text'), '1,200 texts'],
    [number(9.87654), '9.88'],
    [number(1234.5), '1235'],
  ])('%s', (shown, expected) => expect(shown).toBe(expected))
})
