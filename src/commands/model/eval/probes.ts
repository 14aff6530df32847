// What --robust, --shortcuts and --explanations ask of a detector, on a sample of the texts.

import type { Detector, ExplainMode } from '../../../detector/detector.ts'
import { sentencesOf } from '../../../detector/explain.ts'
import { PERTURBATIONS, SHORTCUTS } from '../../../evaluation/changes/catalogue.ts'
import type { Change } from '../../../evaluation/changes/change.ts'
import { LEAST_SENTENCES, measureFaithfulness } from '../../../evaluation/faithfulness.ts'
import { judgeAll } from '../../../evaluation/judge.ts'
import type { Resampling } from '../../../evaluation/means.ts'
import { createSample, type SampledText } from '../../../evaluation/sample.ts'
import { measureShifts } from '../../../evaluation/shifts.ts'
import type { Bar, Output } from '../../../output/output.ts'
import { seededRandom } from '../../../random.ts'
import type { EvalAnswer } from './answer.ts'

/** What is asked for. */
export interface Asked {
  robust: boolean
  shortcuts: boolean
  explanations: boolean
}

interface Means {
  detector: Detector
  out: Output
  signal: AbortSignal
  /** Texts under way at a time; no more than there are workers, or waiting would be taken for work. */
  workers: number
  how: Resampling
}

export interface Probes {
  /** Offers a judged text to the samples; what is not drawn is not kept. */
  offer(text: SampledText): void
  /** Measures what is asked for; the rest is left out. */
  measure(means: Means): Promise<Pick<EvalAnswer, 'robustness' | 'shortcuts' | 'explanations'>>
}

/** @param size Most texts of a sample. Explanations have one of their own, of texts with sentences enough. */
export function createProbes(asked: Asked, size: number, seed: number): Probes {
  const some = createSample<SampledText>(asked.robust || asked.shortcuts ? size : 0, seededRandom(seed))
  const longer = createSample<SampledText>(asked.explanations ? size : 0, seededRandom(seed))

  // Their bars count what is judged: a text comes once for each change.
  async function shifts(title: string, changes: readonly Change[], means: Means) {
    const sample = some.kept()
    const bar = means.out.bar(title, undefined, 'variants')
    const judge = (texts: readonly string[]) => judged(texts, 'none', bar, means)
    const found = await measureShifts(sample, changes, judge, seed, means.how)
    bar.end()
    return { texts: sample.length, seed, changes: found }
  }

  async function explanations(means: Means) {
    const texts = longer.kept().map(({ text }) => text)
    const bar = means.out.bar('Explained', undefined, 'variants')
    const judge = (of: readonly string[], explain: ExplainMode) => judged(of, explain, bar, means)
    const found = await measureFaithfulness(texts, judge, seed, means.how)
    bar.end()
    return { ...found, seed }
  }

  return {
    offer(text) {
      some.offer(text)
      if (asked.explanations && sentencesOf(text.text).length >= LEAST_SENTENCES) longer.offer(text)
    },
    measure: async (means) => ({
      ...(asked.robust ? { robustness: await shifts('Perturbed', PERTURBATIONS, means) } : {}),
      ...(asked.shortcuts ? { shortcuts: await shifts('Probed', SHORTCUTS, means) } : {}),
      ...(asked.explanations ? { explanations: await explanations(means) } : {}),
    }),
  }
}

const judged = (
  texts: readonly string[],
  explain: ExplainMode,
  bar: Bar,
  { detector, workers, signal }: Means,
) =>
  judgeAll(
    texts,
    (text, until) => detector.predict(text, { explain, signal: until }),
    { concurrency: workers, signal },
    () => bar.advance(1),
  )
