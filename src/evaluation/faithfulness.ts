// Whether an explanation names the sentences that moved the model, and what it costs.

import type { SentenceInfluence } from '../detector/detector.ts'
import { seededRandom } from '../random.ts'
import type { Interval } from './bootstrap.ts'
import type { Answered } from './judge.ts'
import { meanOf, type Resampling, ratioOf } from './means.ts'
import { leansFake } from './measures.ts'

/** The methods that are offered; the last is the reference for the others. */
export const METHODS = ['sentences', 'full'] as const
export type Method = (typeof METHODS)[number]

/** Deletion test after ERASER (DeYoung et al. 2020), with a sentence as the unit. Figures are null of no text. */
export interface Faithfulness {
  method: Method
  /** How far the probability of the likelier class falls, on average, without the sentence that spoke most for it. */
  fall: Interval | null
  /** The same without a sentence taken at random. */
  randomFall: Interval | null
  /** By how much the former is larger, text by text: what the method knows. */
  gain: Interval | null
  /** Spearman's rank correlation with leave-one-out, on average over the texts; null for leave-one-out itself. */
  agreement: Interval | null
  /** Time of a prediction with the explanation over that of one without. */
  cost: Interval | null
}

/** Fewer leave nothing to choose from. */
export const LEAST_SENTENCES = 3

/** Judges texts, with an explanation or without; undefined where one cannot be judged. */
export type JudgeExplained = (
  texts: readonly string[],
  explain: 'none' | Method,
) => Promise<(Answered | undefined)[]>

interface Explained {
  text: string
  plain: Answered
  by: Record<Method, Answered>
}

/**
 * Explains texts in every way and takes sentences out of them.
 *
 * @returns The figures, and how many texts had sentences enough.
 */
export async function measureFaithfulness(
  texts: readonly string[],
  judge: JudgeExplained,
  seed: number,
  how: Resampling,
): Promise<{ n: number; methods: Faithfulness[] }> {
  const explained = await explainAll(texts, judge)
  const random = seededRandom(seed)
  const cut = (at: (one: Explained) => number) =>
    judge(
      explained.map((one) => without(one, at(one))),
      'none',
    )
  const byChance = await cut(({ by }) => Math.floor(random() * sentencesIn(by.full).length))
  const byMethod = {
    sentences: await cut(({ by, plain }) => topOf(by.sentences, plain)),
    full: await cut(({ by, plain }) => topOf(by.full, plain)),
  }
  const falls = explained.flatMap(({ plain, by }, at) => {
    const rest = [byChance[at], byMethod.sentences[at], byMethod.full[at]] as const
    const [chance, sentences, full] = rest
    if (!chance || !sentences || !full) return []
    return [
      {
        plain,
        by,
        chance: fallOf(plain, chance),
        sentences: fallOf(plain, sentences),
        full: fallOf(plain, full),
      },
    ]
  })
  const methods: Faithfulness[] = []
  for (const method of METHODS)
    methods.push({
      method,
      fall: await meanOf(
        falls.map((one) => one[method]),
        how,
      ),
      randomFall: await meanOf(
        falls.map(({ chance }) => chance),
        how,
      ),
      gain: await meanOf(
        falls.map((one) => one[method] - one.chance),
        how,
      ),
      agreement:
        method === 'full'
          ? null
          : await meanOf(
              falls.map(({ by }) => spearman(influencesOf(by[method]), influencesOf(by.full))),
              how,
            ),
      cost: await ratioOf(
        falls.map(({ by }) => by[method].latencyMs),
        falls.map(({ plain }) => plain.latencyMs),
        how,
      ),
    })
  return { n: falls.length, methods }
}

/** The texts with sentences enough, judged without and with each explanation. */
async function explainAll(texts: readonly string[], judge: JudgeExplained): Promise<Explained[]> {
  const quick = await judge(texts, 'sentences')
  const some = texts.flatMap((text, at) => {
    const sentences = quick[at]
    return sentences && sentencesIn(sentences).length >= LEAST_SENTENCES ? [{ text, sentences }] : []
  })
  const chosen = some.map(({ text }) => text)
  const plains = await judge(chosen, 'none')
  const fulls = await judge(chosen, 'full')
  return some.flatMap(({ text, sentences }, at) => {
    const [plain, full] = [plains[at], fulls[at]]
    return plain && full ? [{ text, plain, by: { sentences, full } }] : []
  })
}

const sentencesIn = ({ explanation }: Answered): readonly SentenceInfluence[] => explanation ?? []
const influencesOf = (prediction: Answered): number[] =>
  sentencesIn(prediction).map(({ influence }) => influence)

/** Where the sentence stands that spoke most for what the model leans to. */
function topOf(explained: Answered, { probabilities }: Answered): number {
  const towards = leansFake(probabilities.fake) ? 1 : -1
  const influences = influencesOf(explained).map((influence) => influence * towards)
  return influences.indexOf(Math.max(...influences))
}

function without({ by }: Explained, out: number): string {
  return sentencesIn(by.full)
    .filter((_, at) => at !== out)
    .map(({ sentence }) => sentence)
    .join(' ')
}

function fallOf({ probabilities: whole }: Answered, { probabilities: rest }: Answered): number {
  return leansFake(whole.fake) ? whole.fake - rest.fake : whole.real - rest.real
}

/** Spearman's rank correlation, ties sharing their mean rank; NaN where all values of one list are the same. */
export function spearman(a: readonly number[], b: readonly number[]): number {
  const [left, right] = [ranksOf(a), ranksOf(b)]
  const mean = (a.length - 1) / 2
  let [both, ofLeft, ofRight] = [0, 0, 0]
  for (const [i, rank] of left.entries()) {
    const [x, y] = [rank - mean, (right[i] ?? mean) - mean]
    both += x * y
    ofLeft += x * x
    ofRight += y * y
  }
  return both / Math.sqrt(ofLeft * ofRight)
}

/** Ranks from 0, equal values sharing the mean of theirs. */
function ranksOf(values: readonly number[]): number[] {
  return values.map((value) => {
    const below = values.filter((other) => other < value).length
    const equal = values.filter((other) => other === value).length
    return below + (equal - 1) / 2
  })
}
