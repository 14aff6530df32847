// Opens what a path names: a file or, as `-`, standard input.

import { createReadStream } from 'node:fs'
import { extname } from 'node:path'
import { addAbortSignal, type Readable } from 'node:stream'
import { FndError, messageOf } from '../errors/error.ts'
import { type RowFormat, readRows, sniffFormat } from './read.ts'
import type { Row } from './row.ts'

interface Streams {
  stdin: Readable
  signal: AbortSignal
}

const FORMATS: Readonly<Record<string, RowFormat>> = {
  '.csv': 'csv',
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
}

/** The form that the ending of a path names; undefined when it names none. */
export function formatOf(path: string): RowFormat | undefined {
  return FORMATS[extname(path).toLowerCase()]
}

/**
 * The rows of a file, in the form that its ending or else its first character names.
 *
 * @param wanted further fields to take along, where a row has them.
 * @throws FndError FND_FILE_UNREADABLE, FND_INPUT_INVALID
 */
export async function openRows(
  path: string,
  streams: Streams,
  wanted: readonly string[] = [],
): Promise<AsyncIterable<Row>> {
  const stream = bytesOf(path, streams)
  const known = formatOf(path)
  const { format, input } = known ? { format: known, input: stream } : await sniffFormat(stream)
  return readRows(input, format, nameOf(path), wanted)
}

/**
 * The bytes of a file; `-` is standard input. The wait for more of them ends with the signal.
 *
 * @throws FndError FND_FILE_UNREADABLE
 */
export async function* bytesOf(path: string, { stdin, signal }: Streams): AsyncGenerator<Uint8Array> {
  const stream: Readable = path === '-' ? stdin : createReadStream(path)
  try {
    yield* addAbortSignal(signal, stream)
  } catch (cause) {
    signal.throwIfAborted()
    throw new FndError('FND_FILE_UNREADABLE', { path: nameOf(path), why: messageOf(cause) }, { cause })
  }
}

/** How a file is called in a message. */
export function nameOf(path: string): string {
  return path === '-' ? 'standard input' : path
}
