// Judges texts for an evaluation: the labelled rows of a file, of which it keeps what the measures need, and texts made from them.

import type { Label, SentenceInfluence } from '../detector/detector.ts'
import { isFndError } from '../errors/error.ts'
import { type Judge, judgeRows } from '../rows/judge.ts'
import type { Row } from '../rows/row.ts'
import { type Example, exampleOf, type Truth, truthOf } from './example.ts'
import type { SampledText } from './sample.ts'

/** The field that says what a text is. */
export const LABEL = 'label'
/** How a text without a source is called. */
export const NO_SOURCE = '(none)'

export interface Judged {
  examples: Example[]
  /** Rows that could not be judged, by the code of docs/errors.md. */
  failures: Record<string, number>
  /** The first rows whose form was wrong, and what is wrong with each. */
  wrong: { row: number; problem: string }[]
}

/** So many are told; a column that is wrong throughout would fill the screen. */
const MOST_WRONG = 5

/**
 * Judges every row that has a label; the others count as failures.
 *
 * @param by The field that names a row's source.
 * @param judged Told after each row; with the text and what was said of it, where it could be judged.
 * @throws what the judge throws, unless the text itself was at fault.
 */
export async function judgeLabelled(
  rows: AsyncIterable<Row>,
  judge: Judge,
  { by, concurrency, signal }: { by: string; concurrency: number; signal: AbortSignal },
  judged: (text?: SampledText) => void,
): Promise<Judged> {
  const known = new Map<number, { text: string; truth: Truth; source: string }>()
  async function* labelled(): AsyncGenerator<Row> {
    for await (const row of rows) yield withTruth(row)
  }
  function withTruth(row: Row): Row {
    if (row.text === undefined) return row
    try {
      known.set(row.row, {
        text: row.text,
        truth: truthOf(row.fields?.[LABEL]),
        source: row.fields?.[by] ?? NO_SOURCE,
      })
      return row
    } catch (error) {
      if (!isFndError(error, 'FND_ROW_INVALID')) throw error
      return { row: row.row, problem: error.params.problem }
    }
  }
  const examples: Example[] = []
  const failures: Record<string, number> = {}
  const wrong: Judged['wrong'] = []
  for await (const answer of judgeRows(labelled(), judge, { concurrency, signal })) {
    const about = known.get(answer.row)
    known.delete(answer.row)
    if ('error' in answer) {
      const { code, message } = answer.error
      failures[code] = (failures[code] ?? 0) + 1
      if (code === 'FND_ROW_INVALID' && wrong.length < MOST_WRONG)
        wrong.push({ row: answer.row, problem: message })
    }
    const example = about && !('error' in answer) ? exampleOf(about.truth, about.source, answer) : undefined
    if (example) examples.push(example)
    judged(about && example && { text: about.text, example })
  }
  return { examples, failures, wrong }
}

/** What is looked at of an answer to a text that was made. */
export interface Answered {
  label: Label
  probabilities: { real: number; fake: number }
  latencyMs: number
  explanation?: readonly SentenceInfluence[] | undefined
}

/**
 * The answers to texts, in their order; undefined where the text cannot be judged.
 *
 * @param judged Told after each text.
 * @throws what the judge throws, unless the text itself was at fault.
 */
export async function judgeAll(
  texts: readonly string[],
  judge: Judge,
  limits: { concurrency: number; signal: AbortSignal },
  judged: () => void,
): Promise<(Answered | undefined)[]> {
  async function* rows(): AsyncGenerator<Row> {
    for (const [at, text] of texts.entries()) yield { row: at + 1, text }
  }
  const answers: (Answered | undefined)[] = []
  for await (const answer of judgeRows(rows(), judge, limits)) {
    answers.push('error' in answer ? undefined : answer)
    judged()
  }
  return answers
}
