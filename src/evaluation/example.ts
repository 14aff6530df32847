// One judged text whose truth is known, and where both come from.

import type { Label, UncertainReason } from '../detector/detector.ts'
import { FndError } from '../errors/error.ts'

/** What somebody said that a text is. */
export type Truth = 'fake' | 'real'

/** Figures only: of the text itself nothing is kept. */
export interface Example {
  truth: Truth
  source: string
  /** Calibrated probability of fake. */
  fake: number
  verdict: Label
  reason?: UncertainReason
  tokens: number
  latencyMs: number
}

const TRUTHS: ReadonlyMap<string, Truth> = new Map([
  ['fake', 'fake'],
  ['real', 'real'],
  ['1', 'fake'],
  ['0', 'real'],
])

/**
 * The truth that a row names: fake or real in any case, 1 for fake and 0 for real.
 *
 * @throws FndError FND_ROW_INVALID for anything else.
 */
export function truthOf(named: string | undefined): Truth {
  const truth = TRUTHS.get(named?.trim().toLowerCase() ?? '')
  if (truth) return truth
  throw new FndError('FND_ROW_INVALID', {
    problem:
      named === undefined
        ? 'The field label is missing'
        : `The label '${named.slice(0, 20)}' is neither fake (1) nor real (0)`,
  })
}

/** What an evaluation needs of an answer. */
interface Judgement {
  label: Label
  reason?: UncertainReason | undefined
  probabilities: { fake: number }
  tokens: number
  latencyMs: number
}

export function exampleOf(truth: Truth, source: string, prediction: Judgement): Example {
  const { label, reason, probabilities, tokens, latencyMs } = prediction
  return {
    truth,
    source,
    fake: probabilities.fake,
    verdict: label,
    ...(reason ? { reason } : {}),
    tokens,
    latencyMs,
  }
}
