// Writes the answer rows as JSONL or CSV, to a file that appears whole or not at all.

import { randomUUID } from 'node:crypto'
import { open, realpath, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { FndError, messageOf } from '../errors/error.ts'
import type { RowFormat } from './read.ts'
import type { AnswerRow } from './row.ts'

const COLUMNS = [
  'row',
  'id',
  'title',
  'label',
  'reason',
  'confidence',
  'fake',
  'real',
  'tokens',
  'windows',
  'latencyMs',
  'error',
  'message',
] as const

/** What stands before the first row: the header of a CSV. */
export function headOf(format: RowFormat): string {
  return format === 'csv' ? `${COLUMNS.join(',')}\r\n` : ''
}

/** One answer row with its line end; the CSV leaves the explanation out, which has no place in a table. */
export function lineOf(answer: AnswerRow, format: RowFormat): string {
  if (format === 'jsonl') return `${JSON.stringify(answer)}\n`
  const cells: Partial<Record<(typeof COLUMNS)[number], string | number>> =
    'error' in answer
      ? { ...about(answer), error: answer.error.code, message: answer.error.message }
      : {
          ...about(answer),
          label: answer.label,
          reason: answer.reason ?? '',
          confidence: answer.confidence,
          fake: answer.probabilities.fake,
          real: answer.probabilities.real,
          tokens: answer.tokens,
          windows: answer.windows,
          latencyMs: answer.latencyMs,
        }
  return `${COLUMNS.map((column) => csvCell(cells[column] ?? '')).join(',')}\r\n`
}

/** Where rows are written to; discarded unless it is finished. */
export interface RowSink extends AsyncDisposable {
  write(text: string): Promise<void>
  /** Makes what was written appear under its name. */
  finish(): Promise<void>
}

/**
 * A file that takes its name only when it is finished; disposing it before leaves nothing behind.
 *
 * @throws FndError FND_FILE_UNWRITABLE
 */
export async function atomicFile(named: string): Promise<RowSink> {
  const path = await realpath(named).catch(() => named)
  const standing = await stat(path).catch(() => undefined)
  // A device or a pipe cannot be replaced, only written to.
  if (standing && !standing.isFile()) return rawFile(path)
  const draft = `${path}.${randomUUID().slice(0, 8)}.part`
  const folder = dirname(path)
  if (!(await stat(folder).catch(() => undefined)))
    throw new FndError('FND_FILE_UNWRITABLE', { path, why: `the folder ${folder} does not exist` })
  const handle = await explained(path, () => open(draft, 'w'))
  return {
    write: (text) => explained(path, () => handle.appendFile(text)),
    finish: () =>
      explained(path, async () => {
        await handle.sync()
        await handle.close()
        await rename(draft, path)
      }),
    [Symbol.asyncDispose]: async () => {
      await handle.close()
      await rm(draft, { force: true })
    },
  }
}

async function rawFile(path: string): Promise<RowSink> {
  const handle = await explained(path, () => open(path, 'w'))
  return {
    write: (text) => explained(path, () => handle.appendFile(text)),
    finish: () => explained(path, () => handle.close()),
    [Symbol.asyncDispose]: () => handle.close(),
  }
}

async function explained<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    throw new FndError('FND_FILE_UNWRITABLE', { path, why: messageOf(cause) }, { cause })
  }
}

const about = ({ row, id, title }: AnswerRow) => ({ row, id: id ?? '', title: title ?? '' })

function csvCell(value: string | number): string {
  const text = String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
