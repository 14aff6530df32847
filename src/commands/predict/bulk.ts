// `fnd predict --input`: many texts, one answer row each.

import type { ModelIdentity } from '../../detector/detector.ts'
import { EXIT, type ExitCode } from '../../errors/exit.ts'
import { count } from '../../format.ts'
import { judgeRows } from '../../rows/judge.ts'
import { formatOf, openRows } from '../../rows/open.ts'
import type { RowFormat } from '../../rows/read.ts'
import type { AnswerRow } from '../../rows/row.ts'
import { atomicFile, headOf, lineOf, type RowSink } from '../../rows/write.ts'
import type { Context } from '../command.ts'
import type { Summary } from './answer.ts'
import { renderSummary } from './render.ts'
import type { Judging } from './where.ts'

export interface BulkRequest {
  /** Path of the rows; `-` is standard input. */
  input: string
  output?: string | undefined
  format?: RowFormat | undefined
  concurrency: number
  failOn: ReadonlySet<string>
}

/** Judges all rows; 3 when a verdict is one to fail on, else 1 when a row could not be judged. */
export async function judgeInBulk(request: BulkRequest, judging: Judging, ctx: Context): Promise<ExitCode> {
  const { out } = ctx
  const format = request.format ?? formatOf(request.output ?? '') ?? 'jsonl'
  await using sink = request.output === undefined ? toStdout(ctx) : await atomicFile(request.output)
  const rows = await openRows(request.input, ctx)
  const verdicts = { Fake: 0, Real: 0, Uncertain: 0 }
  let failed = 0
  let firstFailed: Extract<AnswerRow, { error: object }> | undefined
  let total = 0
  let model: ModelIdentity | undefined
  const start = performance.now()
  const bar = out.bar('Judged', undefined, 'rows')
  await sink.write(headOf(format))
  for await (const answer of judgeRows(rows, judging.judge, {
    concurrency: request.concurrency,
    signal: ctx.signal,
  })) {
    total += 1
    if ('error' in answer) {
      failed += 1
      firstFailed ??= answer
    } else {
      verdicts[answer.label] += 1
      model = answer.model
    }
    await sink.write(lineOf(answer, format))
    bar.advance(1, `${verdicts.Fake} Fake, ${verdicts.Real} Real, ${verdicts.Uncertain} Uncertain`)
  }
  await sink.finish()
  const summary: Omit<Summary, 'output'> = {
    rows: total,
    failed,
    verdicts,
    seconds: (performance.now() - start) / 1000,
    where: judging.where,
    ...(model ? { model } : {}),
  }
  bar.end(renderSummary(summary))
  if (request.output !== undefined && out.json) out.answer({ ...summary, output: request.output }, () => '')
  const unwanted = (['Fake', 'Real', 'Uncertain'] as const).some(
    (label) => request.failOn.has(label) && verdicts[label] > 0,
  )
  if (failed)
    out.warn(
      `${count(failed)} of ${count(total)} rows could not be judged: the first is row ${firstFailed?.row} (${firstFailed?.error.message})${unwanted ? '' : `; exit code ${EXIT.failed}`}`,
    )
  if (unwanted) return EXIT.unhealthy
  return failed ? EXIT.failed : EXIT.good
}

function toStdout({ out }: Context): RowSink {
  return {
    write: (text) => {
      out.raw(text)
      return out.taken()
    },
    finish: async () => {},
    [Symbol.asyncDispose]: async () => {},
  }
}
