// Judges the labelled rows of a file and keeps of each what the measures need.

import { isFndError } from '../errors/error.ts'
import { type Judge, judgeRows } from '../rows/judge.ts'
import type { Row } from '../rows/row.ts'
import { type Example, exampleOf, type Truth, truthOf } from './example.ts'

/** The field that says what a text is. */
export const LABEL = 'label'
/** How a text without a source is called. */
const NO_SOURCE = '(none)'

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
 * @param judged Told after each row.
 * @throws what the judge throws, unless the text itself was at fault.
 */
export async function judgeLabelled(
  rows: AsyncIterable<Row>,
  judge: Judge,
  { by, concurrency, signal }: { by: string; concurrency: number; signal: AbortSignal },
  judged: () => void,
): Promise<Judged> {
  const known = new Map<number, { truth: Truth; source: string }>()
  async function* labelled(): AsyncGenerator<Row> {
    for await (const row of rows) yield withTruth(row)
  }
  function withTruth(row: Row): Row {
    if (row.text === undefined) return row
    try {
      known.set(row.row, {
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
    } else if (about) examples.push(exampleOf(about.truth, about.source, answer))
    judged()
  }
  return { examples, failures, wrong }
}
