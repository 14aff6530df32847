// Judged texts that were never written.

import fc from 'fast-check'
import type { Example, Truth } from '../../../src/evaluation/example.ts'

export function example(truth: Truth, fake: number, more: Partial<Example> = {}): Example {
  const sure = Math.max(fake, 1 - fake) >= 0.75
  return {
    truth,
    source: 'a',
    fake,
    verdict: !sure ? 'Uncertain' : fake > 0.5 ? 'Fake' : 'Real',
    ...(sure ? {} : { reason: 'low_confidence' as const }),
    tokens: 20,
    latencyMs: 5,
    ...more,
  }
}

/** Some examples, many of them with equal scores. */
export const examples = fc.array(
  fc
    .record({
      truth: fc.constantFrom('fake' as const, 'real' as const),
      tenths: fc.integer({ min: 0, max: 10 }),
    })
    .map(({ truth, tenths }) => example(truth, tenths / 10)),
  { minLength: 1, maxLength: 40 },
)
