// Reads a file of texts, JSONL or CSV, row by row in constant memory; a bad row is a row too.

import type { Writable } from 'node:stream'
import { parse } from 'csv-parse'
import { FndError, messageOf } from '../errors/error.ts'
import { linesOf } from './lines.ts'
import type { Row } from './row.ts'

export type RowFormat = 'jsonl' | 'csv'

/** Far above the longest text that is taken, HTML and all; what is longer is a problem of its row. */
export const LONGEST_ROW = 1_048_576

/**
 * The rows of a stream. JSONL needs `text` and may have `id` and `title`; CSV (RFC 4180) names the same columns in its header.
 *
 * @param name what to call the input in an error.
 * @param wanted further fields to take along, where a row has them.
 * @throws FndError FND_INPUT_INVALID for a CSV without a header that names `text`.
 */
export function readRows(
  input: AsyncIterable<Uint8Array>,
  format: RowFormat,
  name: string,
  wanted: readonly string[] = [],
): AsyncIterable<Row> {
  return format === 'csv' ? csvRows(input, name, wanted) : jsonlRows(input, wanted)
}

/** What a file holds, by its first character: a JSON object or something else. Nothing of the stream is lost. */
export async function sniffFormat(
  input: AsyncIterable<Uint8Array>,
): Promise<{ format: RowFormat; input: AsyncIterable<Uint8Array> }> {
  const chunks = input[Symbol.asyncIterator]()
  const seen: Uint8Array[] = []
  let start = ''
  while (start === '') {
    const next = await chunks.next()
    if (next.done) break
    seen.push(next.value)
    start = new TextDecoder().decode(next.value).trimStart().slice(0, 1)
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    yield* seen
    yield* { [Symbol.asyncIterator]: () => chunks }
  }
  return { format: start === '{' ? 'jsonl' : 'csv', input: all() }
}

async function* jsonlRows(input: AsyncIterable<Uint8Array>, wanted: readonly string[]): AsyncGenerator<Row> {
  let row = 0
  for await (const line of linesOf(input, LONGEST_ROW)) {
    if (line === undefined) yield { row: ++row, problem: `The line is longer than ${LONGEST_ROW} bytes` }
    else if (line.trim()) yield jsonRow(++row, line, wanted)
  }
}

function jsonRow(row: number, line: string, wanted: readonly string[]): Row {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (error) {
    return { row, problem: `The line is not JSON: ${messageOf(error)}` }
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { row, problem: 'The line is not a JSON object' }
  const fields = value as Readonly<Record<string, unknown>>
  const about = aboutOf((field) => fields[field], wanted)
  return typeof fields.text === 'string'
    ? { row, ...about, text: fields.text }
    : {
        row,
        ...about,
        problem: `The field text is ${fields.text === undefined ? 'missing' : 'not a string'}`,
      }
}

async function* csvRows(
  input: AsyncIterable<Uint8Array>,
  name: string,
  wanted: readonly string[],
): AsyncGenerator<Row> {
  let ready: string[][] = []
  const parser = parse({
    bom: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: LONGEST_ROW,
    // Taken here, as a stream that fails drops what nobody has read yet.
    on_record: (cells: string[]) => {
      ready.push(cells)
      return null
    },
  })
  // The errors come to feed() as well.
  parser.on('error', () => {})
  let header: readonly string[] | undefined
  let row = 0
  let failure: Error | undefined
  for await (const chunk of withEnd(input)) {
    failure = await feed(parser, chunk)
    for (const cells of ready) {
      if (header) yield csvRow(++row, header, cells, wanted)
      else header = headerOf(cells, name, wanted)
    }
    ready = []
    if (failure) break
  }
  parser.destroy()
  if (!header)
    throw new FndError('FND_INPUT_INVALID', {
      path: name,
      problem: failure?.message ?? 'it is empty',
      fields: wanted,
    })
  // A quote that is never closed swallows what follows: where the next row would begin cannot be known.
  if (failure) yield { row: row + 1, problem: `The CSV cannot be read from here on: ${failure.message}` }
}

/** The chunks of a stream, then undefined for its end. */
async function* withEnd(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array | undefined> {
  yield* input
  yield undefined
}

/** Gives the parser a chunk, or the end; resolves with what it found wrong. */
function feed(parser: Writable, chunk: Uint8Array | undefined): Promise<Error | undefined> {
  return new Promise((resolve) => {
    const done = (error?: Error | null) => resolve(error ?? undefined)
    if (chunk) parser.write(chunk, done)
    else parser.end(done)
  })
}

function headerOf(cells: readonly string[], name: string, wanted: readonly string[]): readonly string[] {
  const header = cells.map((cell) => cell.trim().toLowerCase())
  if (!header.includes('text'))
    throw new FndError('FND_INPUT_INVALID', {
      path: name,
      problem: `no column 'text' in the header (${cells.join(', ').slice(0, 80)})`,
      fields: wanted,
    })
  return header
}

function csvRow(
  row: number,
  header: readonly string[],
  cells: readonly string[],
  wanted: readonly string[],
): Row {
  const cell = (column: string) => cells[header.indexOf(column.toLowerCase())]
  const about = aboutOf(cell, wanted)
  if (cells.length !== header.length)
    return { row, ...about, problem: `The row has ${cells.length} cells, the header ${header.length}` }
  return { row, ...about, text: cell('text') ?? '' }
}

/** What is told of a row besides its text. */
function aboutOf(field: (name: string) => unknown, wanted: readonly string[]): Omit<Row, 'row' | 'text'> {
  const extra = wanted.flatMap((name) => {
    const value = field(name)
    return value === undefined || value === null || value === '' ? [] : [[name, String(value)] as const]
  })
  return {
    ...named('id', field('id')),
    ...named('title', field('title')),
    ...(extra.length ? { fields: Object.fromEntries(extra) } : {}),
  }
}

function named(key: 'id' | 'title', value: unknown): { id?: string; title?: string } {
  return value === undefined || value === null || value === '' ? {} : { [key]: String(value) }
}
