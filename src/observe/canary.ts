// A canary beside the version that serves: what each did, and the rule that says whether it is worse; knows no terminal.

import { percent } from '../format.ts'
import { METRIC } from '../service/metric-names.ts'
import type { Expression, Matcher } from './expression.ts'
import type { HealthSource } from './health-source.ts'

/** What one version did; null: there is no such value, e.g. no latency without texts. */
export interface VersionFigures {
  version: string
  /** Texts that it was handed and could judge: answered, or failed on. */
  texts: number
  /** Of those, what it failed on or had no time for. */
  errors: number
  /** Seconds. */
  p50: number | null
  p95: number | null
  mean: number | null
  /** Share of each verdict. */
  verdicts: Record<string, number>
  /** Mean. */
  confidence: number | null
}

export interface CanaryFigures {
  mode: 'canary' | 'shadow'
  serving: VersionFigures
  canary: VersionFigures
  /** Of the texts that both read, in shadow mode. */
  shadow?: {
    compared: number
    /** Texts with another verdict. */
    disagreed: number
    /** Mean distance of the two probabilities of fake. */
    difference: number | null
    /** Texts that it was not given, as clients needed the cores. */
    dropped: number
  }
  /** A backend has it loaded. */
  taken: boolean
  /** Why a backend refused it. */
  refused?: string
}

/** Limits beyond which a canary is worse. */
export interface CanaryRule {
  /** Texts that each version must have had. */
  texts: number
  /** How much larger its share of errors may be. */
  errors: number
  /** How many times longer its mean and its p95 may be. */
  latency: number
  /** How far the share of a verdict may be from that of the serving version. */
  mix: number
  /** Share of texts with another verdict, in shadow mode. */
  disagreement: number
}

export const CANARY_RULE: CanaryRule = { texts: 200, errors: 0.01, latency: 1.5, mix: 0.1, disagreement: 0.1 }

export interface CanaryVerdict {
  /** undecided: too few texts to tell. */
  verdict: 'sound' | 'worse' | 'undecided'
  /** Why, a sentence each. */
  reasons: string[]
}

/** Texts from which errors are judged: a version that fails on everything need not go on until all texts are there. */
const FIRST_LOOK = 30

/** Fewer errors may be one odd text that is sent again and again. */
const LEAST_ERRORS = 3

/** Standard errors beyond which a difference of two shares is no chance: one in 370 of harmless ones is larger. */
const CHANCE = 3

/** Reads what both versions did within the window (seconds). The source is to be refreshed before. */
export async function readCanary(
  source: HealthSource,
  { serving, canary, mode }: { serving: string; canary: string; mode: CanaryFigures['mode'] },
  window: number,
  signal: AbortSignal,
): Promise<CanaryFigures> {
  const ask = (expression: Expression) => source.ask(expression, window, signal)
  const ofCanary = [is('version', canary)]
  const [servingFigures, canaryFigures, share, refused, shadow] = await Promise.all([
    readVersion(ask, serving, 'serving'),
    readVersion(ask, canary, mode),
    ask({ kind: 'gauge', metric: METRIC.canaryShare, fold: 'max', where: ofCanary }),
    ask({ kind: 'gauge', metric: METRIC.canaryRefused, fold: 'max', where: ofCanary, by: ['reason'] }),
    mode === 'shadow' ? readShadow(ask, ofCanary) : undefined,
  ])
  const reason = refused[0]?.labels.reason
  return {
    mode,
    serving: servingFigures,
    canary: canaryFigures,
    ...(shadow ? { shadow } : {}),
    taken: share.length > 0,
    ...(reason === undefined ? {} : { refused: reason }),
  }
}

type Ask = (expression: Expression) => ReturnType<HealthSource['ask']>

const is = (label: string, value: string): Matcher => ({ label, op: '=', value })

async function readVersion(ask: Ask, version: string, role: string): Promise<VersionFigures> {
  const where = [is('version', version), is('role', role)]
  const one = async (expression: Expression): Promise<number | null> => {
    const value = (await ask(expression))[0]?.value
    return value !== undefined && Number.isFinite(value) ? value : null
  }
  const histogram = METRIC.versionLatency
  const [answered, errors, p50, p95, mean, confidence] = await Promise.all([
    counts(ask, { kind: 'increase', metric: METRIC.versionPredictions, where, by: ['label'] }, 'label'),
    one({ kind: 'increase', metric: METRIC.versionErrors, where }),
    one({ kind: 'quantile', q: 0.5, histogram, where }),
    one({ kind: 'quantile', q: 0.95, histogram, where }),
    one({ kind: 'mean', histogram, where }),
    one({ kind: 'mean', histogram: METRIC.versionConfidence, where }),
  ])
  const answers = Object.values(answered).reduce((sum, value) => sum + value, 0)
  return {
    version,
    texts: Math.round(answers + (errors ?? 0)),
    errors: Math.round(errors ?? 0),
    p50,
    p95,
    mean,
    verdicts: Object.fromEntries(
      Object.entries(answered).map(([label, value]) => [label, answers ? value / answers : 0]),
    ),
    confidence,
  }
}

async function readShadow(ask: Ask, where: Matcher[]): Promise<NonNullable<CanaryFigures['shadow']>> {
  const [texts, difference] = await Promise.all([
    counts(ask, { kind: 'increase', metric: METRIC.shadowTexts, where, by: ['outcome'] }, 'outcome'),
    ask({ kind: 'mean', histogram: METRIC.shadowDifference, where }),
  ])
  const disagreed = Math.round(texts.disagreed ?? 0)
  const mean = difference[0]?.value
  return {
    compared: Math.round(texts.agreed ?? 0) + disagreed,
    disagreed,
    difference: mean !== undefined && Number.isFinite(mean) ? mean : null,
    dropped: Math.round(texts.dropped ?? 0),
  }
}

async function counts(ask: Ask, expression: Expression, label: string): Promise<Record<string, number>> {
  const samples = await ask(expression)
  return Object.fromEntries(samples.map(({ labels, value }) => [labels[label] ?? '', value]))
}

/**
 * Whether the canary is worse than the version that serves. Worse: a backend refused it; or its errors, its latency (mean
 * and p95 both) or its verdicts are beyond the rule's limits, and beyond chance; of a shadow: its errors, or its verdicts on
 * the same texts.
 *
 * @param before Seconds of the figures that lie before the canary stood as it does: good enough to see harm, not to call it sound.
 */
export function judgeCanary(figures: CanaryFigures, rule: CanaryRule, before = 0): CanaryVerdict {
  const { serving, canary, shadow, refused, taken, mode } = figures
  if (refused !== undefined) return { verdict: 'worse', reasons: [`a backend refused it (${refused})`] }
  const [few, of] = shadow
    ? [shadow.compared, 'texts compared']
    : canary.texts < serving.texts
      ? [canary.texts, 'texts of the canary']
      : [serving.texts, 'texts of the serving version']
  const enough = few >= rule.texts
  const reasons = [
    ...ofErrors(figures, rule),
    // A shadow reads in the moments that clients leave it, and not all texts: its latency and its mix are another thing.
    ...(enough && mode === 'canary' ? [...ofLatency(figures, rule), ...ofMix(figures, rule)] : []),
    ...(enough && shadow ? ofDisagreement(shadow, rule) : []),
  ]
  if (reasons.length > 0) return { verdict: 'worse', reasons }
  if (enough && before > 0)
    return { verdict: 'undecided', reasons: [`${before} s of the figures are from before it stood so`] }
  if (enough) return { verdict: 'sound', reasons: [] }
  return {
    verdict: 'undecided',
    reasons: [
      taken
        ? `too few texts to tell: ${few} of ${rule.texts} ${of}`
        : 'no backend that was asked has taken it yet',
    ],
  }
}

/** Two shares, each of its number of texts: by how much the first is larger, and whether chance explains it. */
function apart(a: number, ofA: number, b: number, ofB: number): { by: number; chance: boolean } {
  const [shareA, shareB] = [a / ofA, b / ofB]
  // The test of two proportions with a pooled share.
  const pooled = (a + b) / (ofA + ofB)
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / ofA + 1 / ofB))
  const by = shareA - shareB
  return { by, chance: Math.abs(by) <= CHANCE * error }
}

function ofErrors({ serving, canary }: CanaryFigures, rule: CanaryRule): string[] {
  if (canary.texts < Math.min(FIRST_LOOK, rule.texts) || serving.texts === 0) return []
  if (canary.errors < LEAST_ERRORS) return []
  const { by, chance } = apart(canary.errors, canary.texts, serving.errors, serving.texts)
  return by > rule.errors && !chance
    ? [
        `it fails on ${percent(canary.errors / canary.texts)} of its texts, the serving version on ${percent(serving.errors / serving.texts)}`,
      ]
    : []
}

function ofLatency({ serving, canary }: CanaryFigures, rule: CanaryRule): string[] {
  const times = (name: 'mean' | 'p95'): number =>
    canary[name] !== null && serving[name] ? canary[name] / serving[name] : 0
  const least = Math.min(times('mean'), times('p95'))
  return least > rule.latency ? [`it takes ${least.toFixed(1)} times as long (mean and p95)`] : []
}

function ofMix({ serving, canary }: CanaryFigures, rule: CanaryRule): string[] {
  const answers = (of: VersionFigures): number => of.texts - of.errors
  return Object.keys(canary.verdicts).flatMap((label) => {
    const [mine, theirs] = [canary.verdicts[label] ?? 0, serving.verdicts[label] ?? 0]
    const { by, chance } = apart(
      mine * answers(canary),
      answers(canary),
      theirs * answers(serving),
      answers(serving),
    )
    return Math.abs(by) > rule.mix && !chance
      ? [`it says ${label} to ${percent(mine)} of its texts, the serving version to ${percent(theirs)}`]
      : []
  })
}

function ofDisagreement(
  { compared, disagreed }: NonNullable<CanaryFigures['shadow']>,
  rule: CanaryRule,
): string[] {
  return disagreed / compared > rule.disagreement
    ? [`it disagrees on ${percent(disagreed / compared)} of the same texts`]
    : []
}
