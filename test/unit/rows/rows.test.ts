// Files of texts: read in constant memory, judged in order, written whole or not at all.

import { lstat, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FndError } from '../../../src/errors/error.ts'
import { judgeRows } from '../../../src/rows/judge.ts'
import { type RowFormat, readRows, sniffFormat } from '../../../src/rows/read.ts'
import type { Row } from '../../../src/rows/row.ts'
import { atomicFile, headOf, lineOf } from '../../../src/rows/write.ts'
import { collect } from '../../support/collect.ts'

const prediction = {
  label: 'Real' as const,
  confidence: 0.9,
  probabilities: { real: 0.9, fake: 0.1 },
  model: { name: 'm', version: '1', sha256: '0' },
  tokens: 3,
  windows: 1,
  latencyMs: 1,
}

async function* inPieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const all = Buffer.from(text)
  for (let at = 0; at < all.length; at += size) yield all.subarray(at, at + size)
}

const read = (text: string, format: RowFormat, size = 7): Promise<Row[]> =>
  collect(readRows(inPieces(text, size), format, 'x'))

describe('reading', () => {
  it('gives back any JSONL, however the bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'binary' })),
        fc.integer({ min: 1, max: 50 }),
        async (texts, size) => {
          const rows = await read(
            texts.map((text) => `${JSON.stringify({ text })}\n`).join(''),
            'jsonl',
            size,
          )
          expect(rows).toEqual(texts.map((text, i) => ({ row: i + 1, text })))
        },
      ),
      { numRuns: 50 },
    )
  })

  it('gives back any CSV, however the bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string()), fc.integer({ min: 1, max: 50 }), async (texts, size) => {
        const csv = texts.map((text) => `"${text.replaceAll('"', '""')}",1\r\n`).join('')
        const rows = await read(`text,id\r\n${csv}`, 'csv', size)
        expect(rows).toEqual(texts.map((text, i) => ({ row: i + 1, id: '1', text })))
      }),
      { numRuns: 50 },
    )
  })

  it('turns what is wrong with a row into a row', async () => {
    const rows = await read('{"text":"a","id":7}\n\nnope\n[]\n{"id":"x"}\n{"text":1}', 'jsonl')
    expect(rows.map(({ text, problem }) => text ?? problem)).toEqual([
      'a',
      expect.stringMatching(/not JSON/),
      'The line is not a JSON object',
      'The field text is missing',
      'The field text is not a string',
    ])
    expect(await read('text,id\na,1\nb\n"c', 'csv')).toMatchObject([
      { text: 'a', id: '1' },
      { problem: 'The row has 1 cells, the header 2' },
      { problem: expect.stringMatching(/cannot be read from here on/) },
    ])
  })

  it('refuses a CSV that names no text, and tells JSONL from CSV', async () => {
    await expect(read('a,b\n1,2', 'csv')).rejects.toMatchObject({ code: 'FND_INPUT_INVALID' })
    expect((await sniffFormat(inPieces('\n {"text":1}', 1))).format).toBe('jsonl')
    expect((await sniffFormat(inPieces('text\na', 1))).format).toBe('csv')
  })
})

describe('judging', () => {
  const rows = async function* (n: number): AsyncGenerator<Row> {
    for (let row = 1; row <= n; row += 1) yield { row, text: String(row) }
  }

  it('keeps the order and the bound, and a bad text does not end the run', async () => {
    let now = 0
    let most = 0
    const answers = await collect(
      judgeRows(
        rows(20),
        async (text) => {
          now += 1
          most = Math.max(most, now)
          await sleep((Number(text) * 7) % 5)
          now -= 1
          if (text === '3') throw new FndError('FND_TEXT_TOO_SHORT', { characters: 1, least: 10 })
          return { ...prediction, tokens: Number(text) }
        },
        { concurrency: 4, signal: new AbortController().signal },
      ),
    )
    expect(answers.map(({ row }) => row)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1))
    expect(answers[2]).toMatchObject({ error: { code: 'FND_TEXT_TOO_SHORT' } })
    expect(answers[3]).toMatchObject({ tokens: 4 })
    expect(most).toBe(4)
  })

  it.each([
    new FndError('FND_QUEUE_FULL', { retryAfter: 0.01 }),
    new FndError('FND_RATE_LIMITED', { limit: 1, retryAfter: 0.01 }),
  ])('asks again when told to come back later, not for ever: $code', async (later) => {
    const told = { concurrency: 2, signal: new AbortController().signal }
    const refusals = new Map([
      ['1', 2],
      ['2', 4],
    ])
    const patient = judgeRows(
      rows(3),
      async (text) => {
        const left = refusals.get(text) ?? 0
        refusals.set(text, left - 1)
        if (left > 0) throw later
        return prediction
      },
      told,
    )
    expect((await collect(patient)).map((answer) => 'label' in answer)).toEqual([true, true, true])
    await expect(collect(judgeRows(rows(1), () => Promise.reject(later), told))).rejects.toBe(later)
  })

  it('ends when whoever judges fails', async () => {
    const broken = judgeRows(rows(3), () => Promise.reject(new Error('gone')), {
      concurrency: 2,
      signal: new AbortController().signal,
    })
    await expect(collect(broken)).rejects.toThrow('gone')
  })
})

describe('writing', () => {
  it('makes a CSV that reads back, quotes and line breaks included', () => {
    const id = 'a "b",\nc'
    const csv = headOf('csv') + lineOf({ row: 1, id, ...prediction }, 'csv')
    expect(parse(csv, { columns: true })).toMatchObject([{ row: '1', id, label: 'Real', fake: '0.1' }])
  })

  it('makes a file appear whole or not at all', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fnd-rows-'))
    try {
      const dropped = await atomicFile(join(folder, 'a'))
      await dropped.write('half')
      await dropped[Symbol.asyncDispose]()
      expect(await readdir(folder)).toEqual([])
      const kept = await atomicFile(join(folder, 'b'))
      await kept.write('whole')
      await kept.finish()
      await kept[Symbol.asyncDispose]()
      expect(await readFile(join(folder, 'b'), 'utf8')).toBe('whole')
      await expect(atomicFile(join(folder, 'no', 'c'))).rejects.toMatchObject({ code: 'FND_FILE_UNWRITABLE' })
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('writes through a link to its target, and into a device without replacing it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fnd-rows-'))
    try {
      await writeFile(join(folder, 'target'), 'old')
      await symlink(join(folder, 'target'), join(folder, 'link'))
      for (const path of [join(folder, 'link'), '/dev/null']) {
        const sink = await atomicFile(path)
        await sink.write('new')
        await sink.finish()
        await sink[Symbol.asyncDispose]()
      }
      expect(await readFile(join(folder, 'target'), 'utf8')).toBe('new')
      expect((await lstat(join(folder, 'link'))).isSymbolicLink()).toBe(true)
      expect((await lstat('/dev/null')).isCharacterDevice()).toBe(true)
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
