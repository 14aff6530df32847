// From a file of labelled texts to its figures.

import { beforeAll, describe, expect, it } from 'vitest'
import type { Prediction } from '../../../src/detector/detector.ts'
import { type Evaluation, evaluate } from '../../../src/evaluation/evaluate.ts'
import { judgeLabelled, LABEL } from '../../../src/evaluation/judge.ts'
import { readRows } from '../../../src/rows/read.ts'
import { example } from './examples.ts'

describe('evaluate', () => {
  const some = [
    example('fake', 0.9, { source: 'b', tokens: 10 }),
    example('fake', 0.6, { source: 'b', tokens: 16 }),
    example('real', 0.8, { source: 'b', tokens: 300 }),
    example('real', 0.1),
    example('real', 0.1, { latencyMs: 25 }),
    example('real', 0.1),
    example('real', 0.9),
  ]
  const breathe = async () => {}
  let told: Evaluation
  beforeAll(async () => {
    told = await evaluate(some, 50, breathe)
  })

  it('counts verdicts by truth, and why the others were withheld', () => {
    expect(told.confusion).toEqual({
      fake: { Fake: 1, Real: 0, Uncertain: 1 },
      real: { Fake: 2, Real: 3, Uncertain: 0 },
    })
    expect(told.withheld).toEqual({ too_short: 0, not_english: 0, headline: 0, low_confidence: 1 })
    expect(told.overall).toMatchObject({ n: 7, coverage: 6 / 7, right: 4 / 6, realCalledFake: 2 / 5 })
  })

  it('each source is told alone, the larger first; one class alone has no AUROC', () => {
    expect(told.sources.map(({ name, n }) => [name, n])).toEqual([
      ['a', 4],
      ['b', 3],
    ])
    expect(told.sources[0]?.auroc).toBeNull()
    expect(told.sources[1]?.auroc?.value).toBe(0.5)
  })

  it('balanced, a source of three texts weighs as much as one of four', async () => {
    expect(told.overall.accuracy.value).toBeCloseTo(5 / 7, 9)
    expect(told.balanced?.accuracy.value).toBeCloseTo((3 / 4 + 2 / 3) / 2, 9)
    expect((await evaluate([example('fake', 0.9)], 0, breathe)).balanced).toBeNull()
  })

  it('lengths are told by tokens, an edge belonging to the shorter', () => {
    expect(told.lengths.map(({ name, n }) => [name, n])).toEqual([
      ['1 to 16', 2],
      ['17 to 32', 4],
      ['over 254', 1],
    ])
  })

  it('every interval holds its value', () => {
    for (const group of [told.overall, ...told.sources, ...told.lengths])
      for (const figure of [group.accuracy, group.macroF1, group.auroc, group.ece])
        if (figure) expect(figure.low <= figure.value + 1e-9 && figure.high >= figure.value - 1e-9).toBe(true)
  })
})

describe('labelled rows', () => {
  const judge = async (text: string): Promise<Prediction> => ({
    label: text.includes('!') ? 'Fake' : 'Real',
    confidence: 0.9,
    probabilities: text.includes('!') ? { fake: 0.9, real: 0.1 } : { fake: 0.1, real: 0.9 },
    model: { name: 'm', version: '1', sha256: '0' },
    tokens: text.split(' ').length,
    windows: 1,
    latencyMs: 1,
  })
  async function judged(text: string, format: 'jsonl' | 'csv', by = 'source') {
    const input = (async function* () {
      yield Buffer.from(text)
    })()
    let count = 0
    const told = await judgeLabelled(
      readRows(input, format, 'x', [LABEL, by]),
      judge,
      { by, concurrency: 2, signal: new AbortController().signal },
      () => {
        count += 1
      },
    )
    return { ...told, count }
  }

  it('are read from JSONL, label as word or number', async () => {
    const { examples, failures, count } = await judged(
      '{"text":"Wow!","label":1,"source":"s"}\n{"text":"A vote.","label":"Real","source":"s"}\n{"text":"Hm!","label":"0"}\n',
      'jsonl',
    )
    expect(examples.map(({ truth, verdict, source }) => [truth, verdict, source])).toEqual([
      ['fake', 'Fake', 's'],
      ['real', 'Real', 's'],
      ['real', 'Fake', '(none)'],
    ])
    expect(failures).toEqual({})
    expect(count).toBe(3)
  })

  it('are read from CSV, the source from the column that is named', async () => {
    const { examples } = await judged('Text,Label,Dataset\r\n"So, a vote",real,x\r\n', 'csv', 'dataset')
    expect(examples).toMatchObject([{ truth: 'real', source: 'x', tokens: 3 }])
  })

  it('without a label that can be read are counted, and the others judged', async () => {
    const { examples, failures, wrong } = await judged(
      '{"text":"Wow!"}\n{"text":"Wow!","label":"maybe"}\n{"label":1}\n{"text":"Wow!","label":1}\n',
      'jsonl',
    )
    expect(examples).toHaveLength(1)
    expect(failures).toEqual({ FND_ROW_INVALID: 3 })
    expect(wrong).toEqual([
      { row: 1, problem: 'The field label is missing' },
      { row: 2, problem: "The label 'maybe' is neither fake (1) nor real (0)" },
      { row: 3, problem: 'The field text is missing' },
    ])
  })
})
