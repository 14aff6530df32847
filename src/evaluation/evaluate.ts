// From judged examples to the figures of an evaluation: overall, with each source counting the same, and in groups.

import type { Label, UncertainReason } from '../detector/detector.ts'
import { seededRandom } from '../random.ts'
import { type Breathe, type Interval, intervalOf, quantile } from './bootstrap.ts'
import type { Example, Truth } from './example.ts'
import { SEED } from './means.ts'
import {
  accuracy,
  auroc,
  ece,
  inOrder,
  macroF1,
  type ReliabilityBin,
  type RiskPoint,
  reliability,
  riskCoverage,
  scoresOf,
  type Weights,
} from './measures.ts'

/** How well the probabilities told the classes apart. */
export interface Quality {
  accuracy: Interval
  macroF1: Interval
  /** null: only one class is there. */
  auroc: Interval | null
  ece: Interval
}

/** How the verdicts came out. Shares are null where there is nothing to take them of. */
export interface Verdicts {
  /** Share of texts with a verdict. */
  coverage: number
  /** Share of the verdicts given that are right. */
  right: number | null
  /** Share of the verdicts given on real texts that say Fake. */
  realCalledFake: number | null
}

export interface Group extends Quality, Verdicts {
  name: string
  n: number
  /** Share of texts that are fake. */
  fakes: number
}

export interface Evaluation {
  overall: Group
  /** Each source weighs the same, however many texts it has; null with one source. */
  balanced: Quality | null
  /** Texts by truth and verdict. */
  confusion: Record<Truth, Record<Label, number>>
  /** Why verdicts were withheld. */
  withheld: Record<UncertainReason, number>
  reliability: ReliabilityBin[]
  riskCoverage: { area: number; points: RiskPoint[] }
  sources: Group[]
  /** By tokens. */
  lengths: Group[]
  /** Milliseconds from cleaning to verdict. */
  latency: { mean: number; p50: number; p95: number; p99: number }
}

/** Upper edges, in tokens; the last is what one window of the shipped models holds. */
const LENGTHS = [16, 32, 64, 128, 254] as const

/**
 * Everything that is told of a set of examples, at least one.
 *
 * @param resamples Of the bootstrap behind each interval.
 */
export async function evaluate(
  examples: readonly Example[],
  resamples: number,
  breathe: Breathe,
): Promise<Evaluation> {
  const ordered = inOrder(examples)
  const scores = scoresOf(ordered)
  const even = evenly(ordered)
  const sources = grouped(ordered, (example) => example.source)
  const balance = new Map([...sources].map(([name, some]) => [name, 1 / some.length]))
  const times = ordered.map((example) => example.latencyMs).sort((a, b) => a - b)
  const at = (share: number) => quantile(times, share) ?? 0
  const groups = async (named: Iterable<[string, Example[]]>): Promise<Group[]> => {
    const all: Group[] = []
    for (const [name, some] of named) all.push(await groupOf(name, some, resamples, breathe))
    return all
  }
  return {
    overall: await groupOf('all', ordered, resamples, breathe),
    balanced:
      sources.size > 1
        ? await qualityOf(
            ordered,
            Float64Array.from(ordered, ({ source }) => balance.get(source) ?? 0),
            resamples,
            breathe,
          )
        : null,
    confusion: { fake: countVerdicts(ordered, 'fake'), real: countVerdicts(ordered, 'real') },
    withheld: countReasons(ordered),
    reliability: reliability(scores, even),
    riskCoverage: riskCoverage(scores),
    sources: (await groups(sources)).sort((a, b) => b.n - a.n || a.name.localeCompare(b.name)),
    lengths: await groups(lengthGroups(ordered)),
    latency: {
      mean: times.reduce((sum, time) => sum + time, 0) / times.length,
      p50: at(0.5),
      p95: at(0.95),
      p99: at(0.99),
    },
  }
}

async function groupOf(
  name: string,
  ordered: readonly Example[],
  resamples: number,
  breathe: Breathe,
): Promise<Group> {
  const given = ordered.filter(({ verdict }) => verdict !== 'Uncertain')
  const right = given.filter(({ verdict, truth }) => verdict.toLowerCase() === truth).length
  const onReal = given.filter(({ truth }) => truth === 'real')
  const share = (part: number, of: number) => (of === 0 ? null : part / of)
  return {
    name,
    n: ordered.length,
    fakes: ordered.filter(({ truth }) => truth === 'fake').length / ordered.length,
    ...(await qualityOf(ordered, evenly(ordered), resamples, breathe)),
    coverage: given.length / ordered.length,
    right: share(right, given.length),
    realCalledFake: share(onReal.filter(({ verdict }) => verdict === 'Fake').length, onReal.length),
  }
}

async function qualityOf(
  ordered: readonly Example[],
  weights: Weights,
  resamples: number,
  breathe: Breathe,
): Promise<Quality> {
  const scores = scoresOf(ordered)
  const told = (measure: (weights: Weights) => number) =>
    intervalOf(measure, weights, resamples, seededRandom(SEED), breathe)
  return {
    accuracy: await told((w) => accuracy(scores, w)),
    macroF1: await told((w) => macroF1(scores, w)),
    auroc: auroc(scores, weights) === undefined ? null : await told((w) => auroc(scores, w) ?? Number.NaN),
    ece: await told((w) => ece(scores, w)),
  }
}

const evenly = (ordered: readonly Example[]): Weights => new Float64Array(ordered.length).fill(1)

function grouped(examples: readonly Example[], by: (example: Example) => string): Map<string, Example[]> {
  const groups = new Map<string, Example[]>()
  for (const example of examples) {
    const name = by(example)
    const group = groups.get(name)
    if (group) group.push(example)
    else groups.set(name, [example])
  }
  return groups
}

/** Groups of texts by tokens, shortest first; empty ones left out. */
function lengthGroups(examples: readonly Example[]): [string, Example[]][] {
  return [...LENGTHS, Number.POSITIVE_INFINITY].flatMap((edge, at) => {
    const above = LENGTHS[at - 1] ?? 0
    const some = examples.filter(({ tokens }) => tokens > above && tokens <= edge)
    const name = edge === Number.POSITIVE_INFINITY ? `over ${above}` : `${above + 1} to ${edge}`
    return some.length ? [[name, some] as [string, Example[]]] : []
  })
}

function countVerdicts(examples: readonly Example[], truth: Truth): Record<Label, number> {
  const counts = { Fake: 0, Real: 0, Uncertain: 0 }
  for (const example of examples) if (example.truth === truth) counts[example.verdict] += 1
  return counts
}

function countReasons(examples: readonly Example[]): Record<UncertainReason, number> {
  const counts = { too_short: 0, not_english: 0, headline: 0, low_confidence: 0 }
  for (const { reason } of examples) if (reason) counts[reason] += 1
  return counts
}
