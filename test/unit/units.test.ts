import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { durationSeconds, promDuration, shareOfOne } from '../../src/units.ts'

describe('durationSeconds', () => {
  it.each([
    ['30', 30],
    ['30s', 30],
    ['300ms', 0.3],
    ['5m', 300],
    ['1h30m', 5400],
    ['2d', 172_800],
    [' 1w ', 604_800],
  ])('reads %s as %d s', (text, seconds) => expect(durationSeconds(text)).toBeCloseTo(seconds, 9))

  it.each(['', 'soon', '5 minutes', '-3s', '3x', 's', '1h 30m'])('refuses %j', (text) =>
    expect(durationSeconds(text)).toBeUndefined(),
  )

  it('reads back what promDuration writes', () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000_000 }), (ms) => {
        expect(durationSeconds(promDuration(ms / 1000))).toBeCloseTo(ms / 1000, 6)
      }),
    ))
})

describe('shareOfOne', () => {
  it.each([
    ['1%', 0.01],
    ['0.5 %', 0.005],
    ['0.25', 0.25],
    ['100%', 1],
  ])('reads %s as %d', (text, share) => expect(shareOfOne(text)).toBeCloseTo(share, 12))

  it.each(['101%', '1.5', 'none', '%', '-1%'])('refuses %j', (text) =>
    expect(shareOfOne(text)).toBeUndefined(),
  )
})
