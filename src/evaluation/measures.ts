// What is measured of a binary classifier. Every measure takes weights, so that one definition serves the plain figure,
// the one in which each source counts the same, and each resample of the bootstrap.

import type { Example } from './example.ts'

/** Scores in ascending order, each with its truth; weights of a measure go by the same order. */
export interface Scores {
  /** Calibrated probability of fake. */
  fake: Float64Array
  /** 1 where the text is fake. */
  isFake: Uint8Array
}

/** One weight for each score, 0 or more. */
export type Weights = Float64Array

/** Examples in the order that the measures need. */
export function inOrder(examples: readonly Example[]): Example[] {
  return examples.toSorted((a, b) => a.fake - b.fake)
}

export function scoresOf(ordered: readonly Example[]): Scores {
  return {
    fake: Float64Array.from(ordered, (example) => example.fake),
    isFake: Uint8Array.from(ordered, (example) => (example.truth === 'fake' ? 1 : 0)),
  }
}

/** The side that a probability leans to, as the verdict takes it: fake only above one half. */
export const leansFake = (fake: number): boolean => fake > 0.5

/** Share of texts whose likelier class is the true one, whether or not a verdict was given. */
export function accuracy({ fake, isFake }: Scores, weights: Weights): number {
  let right = 0
  let all = 0
  for (let i = 0; i < fake.length; i++) {
    const weight = weights[i] ?? 0
    all += weight
    if (leansFake(fake[i] ?? 0) === (isFake[i] === 1)) right += weight
  }
  return right / all
}

/** The mean of both classes' F1, of those that occur in truth or answer (as scikit-learn's `f1_score(average="macro")`). */
export function macroF1({ fake, isFake }: Scores, weights: Weights): number {
  const hits = [0, 0]
  const said = [0, 0]
  const true_ = [0, 0]
  for (let i = 0; i < fake.length; i++) {
    const weight = weights[i] ?? 0
    const answer = leansFake(fake[i] ?? 0) ? 1 : 0
    const truth = isFake[i] === 1 ? 1 : 0
    said[answer] = (said[answer] ?? 0) + weight
    true_[truth] = (true_[truth] ?? 0) + weight
    if (answer === truth) hits[truth] = (hits[truth] ?? 0) + weight
  }
  let sum = 0
  let classes = 0
  for (const which of [0, 1]) {
    const both = (said[which] ?? 0) + (true_[which] ?? 0)
    if (both === 0) continue
    classes += 1
    sum += (2 * (hits[which] ?? 0)) / both
  }
  return sum / classes
}

/** The probability that a fake text scores above a real one, ties half; undefined where a class is missing. */
export function auroc({ fake, isFake }: Scores, weights: Weights): number | undefined {
  let realBelow = 0
  let fakes = 0
  let won = 0
  for (let i = 0; i < fake.length; ) {
    const score = fake[i]
    let tiedReal = 0
    let tiedFake = 0
    for (; i < fake.length && fake[i] === score; i++) {
      if (isFake[i] === 1) tiedFake += weights[i] ?? 0
      else tiedReal += weights[i] ?? 0
    }
    won += tiedFake * (realBelow + tiedReal / 2)
    realBelow += tiedReal
    fakes += tiedFake
  }
  return realBelow > 0 && fakes > 0 ? won / (fakes * realBelow) : undefined
}

/** A stretch of confidence, and how often the answers in it were right. */
export interface ReliabilityBin {
  from: number
  to: number
  /** Sum of weights. */
  n: number
  /** Means; 0 where the bin is empty. */
  confidence: number
  accuracy: number
}

const BINS = 15

/** Confidence from one half to one in 15 bins of equal width, as a reliability diagram shows it. */
export function reliability({ fake, isFake }: Scores, weights: Weights): ReliabilityBin[] {
  const bins = Array.from({ length: BINS }, (_, at) => ({
    from: 0.5 + at / (2 * BINS),
    to: 0.5 + (at + 1) / (2 * BINS),
    n: 0,
    confidence: 0,
    accuracy: 0,
  }))
  for (let i = 0; i < fake.length; i++) {
    const p = fake[i] ?? 0
    const weight = weights[i] ?? 0
    const confidence = Math.max(p, 1 - p)
    const bin = bins[Math.min(BINS - 1, Math.floor((confidence - 0.5) * 2 * BINS))]
    if (!bin) continue
    bin.n += weight
    bin.confidence += weight * confidence
    if (leansFake(p) === (isFake[i] === 1)) bin.accuracy += weight
  }
  return bins.map((bin) =>
    bin.n === 0 ? bin : { ...bin, confidence: bin.confidence / bin.n, accuracy: bin.accuracy / bin.n },
  )
}

/** Expected calibration error: the mean distance of confidence from accuracy over the bins of {@link reliability}. */
export function ece(scores: Scores, weights: Weights): number {
  const bins = reliability(scores, weights)
  const all = bins.reduce((sum, bin) => sum + bin.n, 0)
  return bins.reduce((sum, bin) => sum + (bin.n / all) * Math.abs(bin.accuracy - bin.confidence), 0)
}

/** If only the surest texts were answered: what share that is, and what share of it would be wrong. */
export interface RiskPoint {
  coverage: number
  risk: number
}

/** Where a curve is drawn. */
const STEPS = 20

/**
 * The risk-coverage curve and the area under it (0 is perfect). Texts of equal confidence are answered together, so
 * that the order of the rows does not matter.
 */
export function riskCoverage({ fake, isFake }: Scores): { area: number; points: RiskPoint[] } {
  const order = Array.from(fake.keys()).sort((a, b) => sureness(fake, b) - sureness(fake, a))
  const ends: RiskPoint[] = []
  let area = 0
  let wrong = 0
  for (let at = 0; at < order.length; ) {
    const level = sureness(fake, order[at] ?? 0)
    const from = at
    for (; at < order.length && sureness(fake, order[at] ?? 0) === level; at++) {
      const i = order[at] ?? 0
      if (leansFake(fake[i] ?? 0) !== (isFake[i] === 1)) wrong += 1
    }
    ends.push({ coverage: at / order.length, risk: wrong / at })
    area += ((at - from) / order.length) * (wrong / at)
  }
  const points = Array.from({ length: STEPS }, (_, step) =>
    ends.find(({ coverage }) => coverage >= (step + 1) / STEPS - 1e-9),
  )
  // Few texts, or many of equal confidence, have fewer places to stop at.
  return {
    area,
    points: points.flatMap((point, at) => (point && point !== points[at - 1] ? [point] : [])),
  }
}

const sureness = (fake: Float64Array, at: number): number => Math.abs((fake[at] ?? 0) - 0.5)
