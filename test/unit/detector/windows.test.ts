import fc from 'fast-check'
import { expect, test } from 'vitest'
import { pool, windowsOf } from '../../../src/detector/windows.ts'

test('a short text is one window', () => {
  expect(windowsOf(254, 254, 192)).toEqual([{ from: 0, to: 254 }])
  expect(windowsOf(0, 254, 192)).toEqual([{ from: 0, to: 0 }])
})

test('a longer one overlaps, and its end is read', () => {
  expect(windowsOf(500, 254, 192)).toEqual([
    { from: 0, to: 254 },
    { from: 192, to: 446 },
    { from: 384, to: 500 },
  ])
})

test('every token is in a window, none is longer than the model takes, neighbours overlap by size - stride', () => {
  const shapes = fc
    .integer({ min: 1, max: 300 })
    .chain((size) =>
      fc.record({ size: fc.constant(size), stride: fc.integer({ min: 1, max: size }), tokens: fc.nat(3000) }),
    )
  fc.assert(
    fc.property(shapes, ({ tokens, size, stride }) => {
      const windows = windowsOf(tokens, size, stride)
      expect(windows[0]?.from).toBe(0)
      expect(windows.at(-1)?.to).toBe(tokens)
      for (const [i, { from, to }] of windows.entries()) {
        expect(to - from).toBeLessThanOrEqual(size)
        const before = windows[i - 1]
        if (before) expect(before.to - from).toBe(size - stride)
      }
    }),
  )
})

test('pooling weighs windows by their tokens', () => {
  expect(
    pool([
      { logit: 1, tokens: 300 },
      { logit: -1, tokens: 100 },
    ]),
  ).toBe(0.5)
  expect(pool([])).toBe(0)
})
