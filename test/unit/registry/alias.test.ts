// Which version a roll-back leads to, after any history.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AliasMove, versionBefore } from '../../../src/registry/alias.ts'

/** The history that these moves leave: `+v1` promotes, `-v1` rolls back to it. */
function stateAfter(...moves: string[]) {
  let version: string | undefined
  const history: AliasMove[] = []
  for (const [index, text] of moves.entries()) {
    const to = text.slice(1)
    history.unshift({
      id: String(index),
      at: '2026-01-01T00:00:00Z',
      by: 'a@b',
      ...(version === undefined ? {} : { from: version }),
      to,
      kind: text.startsWith('+') ? 'promote' : 'rollback',
    })
    version = to
  }
  return { schema: 1 as const, version: version ?? '', sha256: '', history }
}

describe('the version that a roll-back leads to', () => {
  it.each([
    [['+1'], undefined],
    [['+1', '+2'], '1'],
    [['+1', '+2', '+3'], '2'],
    [['+1', '+2', '+3', '-2'], '1'],
    [['+1', '+2', '+3', '-2', '-1'], undefined],
    [['+1', '+2', '-1', '+3'], '1'],
    [['+1', '+2', '+3', '-1', '+4'], '1'],
  ])('after %j is %s', (moves, expected) => {
    expect(versionBefore(stateAfter(...moves))).toBe(expected)
  })

  it('is known as long as the history reaches, where the oldest moves are forgotten', () => {
    const state = stateAfter('+1', '+2', '+3')
    expect(versionBefore({ ...state, history: state.history.slice(0, 1) })).toBe('2')
  })

  it('goes back through all promotions, never forth', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 20 }), (n) => {
        const moves = Array.from({ length: n }, (_, i) => `+${i}`)
        for (let expected = n - 2; expected >= 0; expected -= 1) {
          expect(versionBefore(stateAfter(...moves))).toBe(String(expected))
          moves.push(`-${expected}`)
        }
        expect(versionBefore(stateAfter(...moves))).toBeUndefined()
      }),
    )
  })
})
