// `fnd predict` as its user meets it: verdicts, many texts, wrong input, interruption.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parse } from 'csv-parse/sync'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { answer, row } from '../../src/commands/predict/answer.ts'
import { predictSpec } from '../../src/commands/predict/spec.ts'
import { emptyHome, type Home } from '../support/program.ts'

const REAL =
  'The harbour council voted on Tuesday to widen the northern quay, a project that engineers expect to take eighteen months. Two members abstained, citing the lack of an independent survey, officials said.'
const FAKE =
  'SHOCKING!!! They are HIDING the truth about the river clay from you, and the crooked media will never tell. Wake up and share this video before it gets deleted!'

let home: Home
beforeAll(() => {
  home = emptyHome()
})
afterAll(() => home[Symbol.dispose]())

const inHome = (name: string) => join(home.folder, name)
const jsonl = (texts: readonly string[]) =>
  texts.map((text, at) => `${JSON.stringify({ id: `t${at + 1}`, text })}\n`).join('')

/** What stdout holds is of the schema, whole: no field that the schema does not know. */
function data(stdout: string) {
  const document = JSON.parse(stdout)
  expect(document).toEqual({ ok: true, data: answer.parse(document.data) })
  return document.data
}

function rows(stdout: string) {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => {
      const parsed = JSON.parse(line)
      expect(row.parse(parsed)).toEqual(parsed)
      return parsed
    })
}

describe('one text', () => {
  it.each(['base', 'fast'])('that help recommends gets a verdict: %s', async (model) => {
    const [, text = ''] = /"(.+)"/.exec(predictSpec.examples[0]?.command ?? '') ?? []
    const { stdout } = await home.fnd(['predict', text, '--json', '--model', model])
    expect(data(stdout).label).toBe('Real')
  })

  it('is answered on stdout and talked about on stderr, without colour, within 80 columns', async () => {
    const { code, stdout, stderr } = await home.fnd(['predict', '--explain=full', REAL])
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'No stack is up: judged in this process\n' })
    expect(stdout).toMatch(/^(√ Real|× Fake|‼ Uncertain), /)
    expect(stdout).toContain('It says how a text reads, not whether it is true.')
    expect(stdout).toContain('What moved the model')
    expect(stdout).not.toContain('\x1b')
    for (const line of stdout.split('\n')) expect([...line].length, line).toBeLessThanOrEqual(80)
  })

  it('is told apart by what it says', async () => {
    const [fake, real] = await Promise.all([
      home.fnd(['predict', '--json', FAKE]),
      home.fnd(['predict', '--json', REAL]),
    ])
    expect(data(fake.stdout).probabilities.fake).toBeGreaterThan(data(real.stdout).probabilities.fake)
  })

  it('reads the same from words, a file, standard input, - and --file -', async () => {
    writeFileSync(inHome('text.txt'), REAL)
    const ended = await Promise.all([
      home.fnd(['predict', '--json', ...REAL.split(' ')]),
      home.fnd(['predict', '--json', '--file', 'text.txt']),
      home.fnd(['predict', '--json'], { input: REAL }),
      home.fnd(['predict', '--json', '-'], { input: REAL }),
      home.fnd(['predict', '--json', '--file', '-'], { input: REAL }),
    ])
    const all = ended.map(({ stdout }) => data(stdout))
    for (const one of all) expect({ ...one, latencyMs: 0 }).toEqual({ ...all[0], latencyMs: 0 })
  })

  it('says with --explain and --explain=full what moved the model, sentence by sentence', async () => {
    const [without, quick, full] = await Promise.all(
      [[], ['--explain'], ['--explain=full']].map(async (how) =>
        data((await home.fnd(['predict', '--json', '--file', '-', ...how], { input: REAL })).stdout),
      ),
    )
    expect(without).not.toHaveProperty('explanation')
    for (const { explanation } of [quick, full])
      expect(explanation.map(({ sentence }: { sentence: string }) => sentence.slice(0, 11))).toEqual([
        'The harbour',
        'Two members',
      ])
    expect(quick.explanation).not.toEqual(full.explanation)
  })

  it('ends with 3 on a verdict that --fail-on names, with the verdict on stdout all the same', async () => {
    const { label } = data((await home.fnd(['predict', '--json', FAKE])).stdout)
    const others = ['fake', 'real', 'uncertain'].filter((one) => one !== label.toLowerCase()).join(',')
    const [unwanted, wanted] = await Promise.all([
      home.fnd(['predict', '--json', '--fail-on', label.toLowerCase(), FAKE]),
      home.fnd(['predict', '--json', '--fail-on', others, FAKE]),
    ])
    expect([unwanted.code, wanted.code]).toEqual([3, 0])
    expect(data(unwanted.stdout).label).toBe(label)
  })
})

describe('what cannot be judged', () => {
  it.each([
    ['too short a text', ['short'], '', 2, 'FND_TEXT_TOO_SHORT'],
    ['too long a text', [], 'word '.repeat(2001), 2, 'FND_TEXT_TOO_LONG'],
    ['a file that is not there', ['--file', 'nowhere.txt'], '', 2, 'FND_FILE_UNREADABLE'],
    ['rows that are not there', ['--input', 'nowhere.csv'], '', 2, 'FND_FILE_UNREADABLE'],
    ['an empty standard input', [], '', 2, 'FND_USAGE'],
    ['a text given twice', ['--file', '-', 'some words'], '', 2, 'FND_USAGE'],
    ['--output without --input', ['--output', 'x', REAL], '', 2, 'FND_USAGE'],
    ['a page without a web address', ['--url', 'nope'], '', 2, 'FND_USAGE'],
    ['an unknown verdict', ['--fail-on', 'wrong', REAL], '', 2, 'FND_USAGE'],
    ['a bundle that is not there', ['--model', './no-bundle', REAL], '', 4, 'FND_MODEL_MISSING'],
    ['a stack that is not up', ['--where', 'stack', REAL], '', 4, 'FND_STACK_ABSENT'],
  ])(
    '%s is told on stderr, as JSON with --json, with one exit code',
    async (_what, args, input, code, error) => {
      const [text, json] = await Promise.all([
        home.fnd(['predict', ...args], { input }),
        home.fnd(['predict', '--json', ...args], { input }),
      ])
      expect(text).toMatchObject({ code, stdout: '' })
      expect(text.stderr).toContain(`[${error}]`)
      expect(text.stderr).not.toContain('Fetch the page')
      expect(text.stderr, 'nothing has been judged').not.toMatch(/judged/i)
      expect(json.code).toBe(code)
      expect(JSON.parse(json.stdout)).toMatchObject({ ok: false, error: { code: error } })
    },
  )
})

describe('many texts', () => {
  const mixed = `${jsonl([REAL, FAKE])}not JSON\n{"text":"short"}\n${jsonl([REAL])}`
  const outcomes = ['judged', 'judged', 'FND_ROW_INVALID', 'FND_TEXT_TOO_SHORT', 'judged']
  const outcome = (one: { error?: { code: string } }) => one.error?.code ?? 'judged'

  it('come back on stdout, in order, and a bad row costs no other; 1 says that there was one', async () => {
    const { code, stdout, stderr } = await home.fnd(['predict', '--input', '-'], { input: mixed })
    const answers = rows(stdout)
    expect(answers.map(outcome)).toEqual(outcomes)
    expect(answers.map((one) => [one.row, one.id])).toEqual([
      [1, 't1'],
      [2, 't2'],
      [3, undefined],
      [4, undefined],
      [5, 't1'],
    ])
    expect(answers[4].probabilities).toEqual(answers[0].probabilities)
    expect(code).toBe(1)
    expect(stderr).toMatch(/√ Judged 5 rows .* 2 not judged/)
    expect(stderr).toMatch(/2 of 5 rows could not be judged: the first is row \d .*; exit code 1/)
  })

  it('name the folder that is missing before anything is judged', async () => {
    const { code, stdout, stderr } = await home.fnd(
      ['predict', '--input', '-', '--output', 'nowhere/out.jsonl'],
      {
        input: mixed,
      },
    )
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/Cannot write nowhere\/out\.jsonl: the folder nowhere does not exist/)
  })

  it('keep their order however many are under way', async () => {
    const texts = Array.from({ length: 40 }, (_, at) => `${at % 3 ? REAL : FAKE} ${FAKE.repeat(at % 5)}`)
    const { code, stdout } = await home.fnd(['predict', '--input', '-', '--concurrency', '16'], {
      input: jsonl(texts),
    })
    expect(code).toBe(0)
    expect(rows(stdout).map(({ id }) => id)).toEqual(texts.map((_, at) => `t${at + 1}`))
  })

  it('go from CSV to CSV, and what the run came to with --json', async () => {
    writeFileSync(inHome('in.csv'), `id,text\r\na,"${REAL}"\r\nb,short\r\nc,"${FAKE}"\r\n`)
    const { code, stdout } = await home.fnd(
      ['predict', '--json', '--input', 'in.csv', '--output', 'out.csv'],
      {},
    )
    const written: Record<string, string>[] = parse(readFileSync(inHome('out.csv')), { columns: true })
    expect(written.map(({ id, error }) => [id, error])).toEqual([
      ['a', ''],
      ['b', 'FND_TEXT_TOO_SHORT'],
      ['c', ''],
    ])
    expect(data(stdout)).toMatchObject({ rows: 3, failed: 1, output: 'out.csv', where: 'local' })
    expect(code).toBe(1)
  })

  it('go from JSONL to a file with the explanations asked for; stdout stays empty', async () => {
    writeFileSync(inHome('in.jsonl'), jsonl([REAL, FAKE]))
    const args = ['predict', '--input', 'in.jsonl', '--output', 'out.jsonl', '--explain']
    expect(await home.fnd(args)).toMatchObject({ code: 0, stdout: '' })
    const [first] = rows(readFileSync(inHome('out.jsonl'), 'utf8'))
    expect(first.explanation).toHaveLength(2)
  })

  it('end with 3 when one verdict is among those to fail on', async () => {
    const all = ['predict', '--input', '-', '--fail-on', 'fake,real,uncertain']
    expect(await home.fnd(all, { input: mixed })).toMatchObject({ code: 3 })
  })
})

describe('Ctrl-C in the middle of many texts', () => {
  afterEach(() => expect(readdirSync(home.folder).filter((name) => name.startsWith('late'))).toEqual([]))

  it('ends with 130 and leaves no half file', async () => {
    const draft = () => readdirSync(home.folder).find((name) => name.startsWith('late.jsonl'))
    let sawDraft: string | undefined
    const { code, stderr } = await home.fnd(['predict', '--input', '-', '--output', 'late.jsonl'], {
      started: async (child) => {
        child.stdin?.write(jsonl(Array(200).fill(REAL)))
        for (let tries = 0; tries < 300; tries += 1) {
          sawDraft = draft()
          if (sawDraft && readFileSync(inHome(sawDraft), 'utf8').includes('"row":5,')) break
          await sleep(50)
        }
        child.kill('SIGINT')
      },
    })
    expect(sawDraft).toMatch(/^late\.jsonl\..*\.part$/)
    expect(stderr).toContain('[FND_INTERRUPTED]')
    expect(code).toBe(130)
  })
})
