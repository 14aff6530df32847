// Judges many rows side by side: bounded, answers in the order of the input, and a bad row does not end the run.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Prediction } from '../detector/detector.ts'
import type { ErrorCode } from '../errors/catalogue.ts'
import { FndError, isFndError } from '../errors/error.ts'
import type { AnswerRow, Row } from './row.ts'

/** How one text is judged; throws as Detector.predict does. */
export type Judge = (text: string, signal: AbortSignal) => Promise<Prediction>

/** What is wrong with one text or its turn, not with whoever judges it. */
const ofTheRow = (code: ErrorCode): boolean =>
  code.startsWith('FND_TEXT_') ||
  code === 'FND_BODY_TOO_LARGE' ||
  code === 'FND_DEADLINE' ||
  code === 'FND_ROW_INVALID'
/** Who was told to come back later is asked again, so often, when it said; by then it has been refusing for a while. */
const ATTEMPTS = 5

/**
 * The answers to rows, in their order, at most `concurrency` texts being judged at a time.
 *
 * @throws what the judge throws, unless the text itself was at fault; the rows before it have been answered by then.
 */
export async function* judgeRows(
  rows: AsyncIterable<Row>,
  judge: Judge,
  { concurrency, signal }: { concurrency: number; signal: AbortSignal },
): AsyncGenerator<AnswerRow> {
  const end = new AbortController()
  const either = AbortSignal.any([signal, end.signal])
  const underWay: Promise<AnswerRow>[] = []
  try {
    for await (const row of rows) {
      signal.throwIfAborted()
      const answer = answerTo(row, judge, either)
      // It is awaited in its turn; until then a rejection is not an unhandled one.
      answer.catch(() => {})
      underWay.push(answer)
      const head = underWay.length >= concurrency ? underWay.shift() : undefined
      if (head) yield await head
    }
    while (underWay.length) yield await (underWay.shift() as Promise<AnswerRow>)
  } finally {
    end.abort()
    await Promise.allSettled(underWay)
  }
}

async function answerTo(row: Row, judge: Judge, signal: AbortSignal): Promise<AnswerRow> {
  const { text, problem, fields: _, ...about } = row
  try {
    if (text === undefined) throw new FndError('FND_ROW_INVALID', { problem: problem ?? 'It has no text' })
    return { ...about, ...(await patiently(() => judge(text, signal), signal)) }
  } catch (error) {
    if (!isFndError(error) || !ofTheRow(error.code)) throw error
    return { ...about, error: { code: error.code, message: error.message } }
  }
}

async function patiently<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask()
    } catch (error) {
      const later = isFndError(error, 'FND_QUEUE_FULL') || isFndError(error, 'FND_RATE_LIMITED')
      if (attempt >= ATTEMPTS || !later) throw error
      await sleep(error.params.retryAfter * 1000, undefined, { signal })
    }
  }
}
