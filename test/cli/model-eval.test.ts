// `fnd model eval` as its user meets it: figures of the shipped model on a few labelled texts, a page, wrong input.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answer } from '../../src/commands/model/eval/answer.ts'
import { emptyHome, type Home } from '../support/program.ts'

const ROWS = [
  {
    text: 'The harbour council voted on Tuesday to widen the northern quay, a project that engineers expect to take eighteen months.',
    label: 'real',
    source: 'council & <sons>',
  },
  {
    text: 'SHOCKING!!! They are HIDING the truth about the river clay from you, and the crooked media will never tell. Share this before it gets deleted!',
    label: 1,
    source: 'chain letters',
  },
  { text: 'Too short', label: 'fake', source: 'chain letters' },
]

let home: Home
let file: string
beforeAll(() => {
  home = emptyHome()
  file = join(home.folder, 'labelled.jsonl')
  writeFileSync(file, ROWS.map((row) => `${JSON.stringify(row)}\n`).join(''))
})
afterAll(() => home[Symbol.dispose]())

describe('figures', () => {
  it('come as JSON of the published schema; a row that cannot be judged is counted, not hidden', async () => {
    const { code, stdout } = await home.fnd(['model', 'eval', '--json', '--data', file])
    expect(code).toBe(0)
    const document = JSON.parse(stdout)
    expect(document).toEqual({ ok: true, data: answer.parse(document.data) })
    expect(document.data.data).toMatchObject({ rows: 3, judged: 2, failures: { FND_TEXT_TOO_SHORT: 1 } })
    expect(document.data.overall).toMatchObject({ n: 2, fakes: 0.5, auroc: { value: expect.any(Number) } })
    expect(document.data).not.toHaveProperty('robustness')
    expect(document.data.sources).toHaveLength(2)
  })

  it('read on a terminal of 80 columns, and as a page that needs nothing else and escapes what it names', async () => {
    const html = join(home.folder, 'eval.html')
    const { code, stdout } = await home.fnd(['model', 'eval', '--data', file, '--html', html])
    expect(code).toBe(0)
    expect(stdout).toContain('Calibration error (ECE)')
    for (const line of stdout.split('\n').slice(1)) expect([...line].length, line).toBeLessThanOrEqual(80)
    const page = readFileSync(html, 'utf8')
    expect(page).toContain('council &amp; &lt;sons&gt;')
    expect(page).not.toMatch(/<script|https?:|src=/)
  })
})

describe('probes', () => {
  it('come as JSON of the published schema, on the terminal and on the page', async () => {
    const labelled = join(home.folder, 'longer.jsonl')
    const more = ' The survey took a year. Nobody was asked about the cost!'
    writeFileSync(
      labelled,
      ROWS.slice(0, 2)
        .map((row) => `${JSON.stringify({ ...row, text: row.text + more })}\n`)
        .join(''),
    )
    const html = join(home.folder, 'probes.html')
    const probing = ['--robust', '--shortcuts', '--explanations', '--resamples', '20']
    const [text, json] = await Promise.all([
      home.fnd(['model', 'eval', '--data', labelled, ...probing, '--model', 'fast', '--html', html]),
      home.fnd(['model', 'eval', '--data', labelled, ...probing, '--sample', '1', '--seed', '7', '--json']),
    ])
    expect([text.code, json.code], text.stderr + json.stderr).toEqual([0, 0])
    expect(text.stderr).toMatch(/Perturbed \d+ variants.*Probed \d+ variants.*Explained \d+ variants/s)
    const { data } = JSON.parse(json.stdout)
    expect(data).toEqual(answer.parse(data))
    expect(data.robustness).toMatchObject({ texts: 1, seed: 7 })
    const typographic = data.robustness.changes.find(({ name }: { name: string }) => name === 'other quotes')
    expect(typographic).toMatchObject({ n: 0, moved: null })
    const dateline = data.shortcuts.changes.find(({ name }: { name: string }) => name === 'dateline')
    // The normaliser takes an agency's dateline away.
    expect(dateline).toMatchObject({ n: 1, moved: { value: 0 } })
    expect(data.explanations).toMatchObject({ n: 1, methods: [{ method: 'sentences' }, { method: 'full' }] })
    for (const heading of ['Robustness', 'Shortcuts', 'Explanations']) {
      expect(text.stdout).toContain(heading)
      expect(readFileSync(html, 'utf8')).toContain(`<h2>${heading}`)
    }
    for (const line of text.stdout.split('\n').slice(1))
      expect([...line].length, line).toBeLessThanOrEqual(80)
  }, 120_000)

  it('alone have a sample and a seed', async () => {
    const { code, stderr } = await home.fnd(['model', 'eval', '--data', file, '--seed', '7'])
    expect(code).toBe(2)
    expect(stderr).toContain('--seed goes with --robust, --shortcuts or --explanations only')
  })
})

describe('wrong input', () => {
  it('a label that is none is told with its row, on a line of its own that fits 80 columns', async () => {
    const path = join(home.folder, 'odd.jsonl')
    const odd = { ...ROWS[0], label: '\u001b[31mmaybe, or then again maybe not' }
    writeFileSync(path, [ROWS[0], ROWS[1], odd].map((row) => `${JSON.stringify(row)}\n`).join(''))
    const { stdout } = await home.fnd(['model', 'eval', '--data', path])
    const [line = ''] = stdout.split('\n').filter((text) => text.includes('row 3'))
    expect(line).toContain('[31mmaybe, or')
    expect(line).not.toContain('\u001b')
    expect([...line].length).toBeLessThanOrEqual(80)
  })

  it('a line that is no JSON is told within 80 columns', async () => {
    const path = join(home.folder, 'broken.jsonl')
    const broken = 'this line is not JSON at all, and it is a long one besides'
    writeFileSync(path, `${JSON.stringify(ROWS[0])}\n${broken}\n`)
    const { stdout } = await home.fnd(['model', 'eval', '--data', path])
    expect(stdout).toContain('row 2: The line is not JSON')
    for (const line of stdout.split('\n').slice(1)) expect([...line].length, line).toBeLessThanOrEqual(80)
  })

  it('a field that no row has is not passed over, unless nobody named it', async () => {
    const path = join(home.folder, 'without-source.jsonl')
    const { text, label } = ROWS[0] ?? {}
    writeFileSync(path, JSON.stringify({ text, label }))
    const [named, usual] = await Promise.all(
      [['--by', 'topic'], []].map((by) => home.fnd(['model', 'eval', '--data', path, ...by])),
    )
    expect(named).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("No row has the field 'topic' of --by"),
    })
    expect(usual?.stderr).not.toContain('No row has the field')
  })

  it('without --data says what is needed', async () => {
    const { code, stderr } = await home.fnd(['model', 'eval'])
    expect(code).toBe(2)
    expect(stderr).toContain('--data is needed')
  })

  it.each([
    ['an empty file', 'empty.jsonl', '', 'it has no rows'],
    ['an empty table', 'empty.csv', '', 'it is empty'],
    ['a file that is no text', 'binary', '\u0001\u0002\n\u0003\n', "no column 'text' in the header"],
    ['binary lines', 'binary.jsonl', '\u0001\u0002\n\u0003\n', 'none of its 2 rows could be judged'],
  ])('%s says so, and shows a row with the label that it needs', async (_what, name, content, problem) => {
    const path = join(home.folder, name)
    writeFileSync(path, content)
    const { code, stderr } = await home.fnd(['model', 'eval', '--data', path])
    expect(code).toBe(2)
    expect(stderr).toContain(problem)
    expect(stderr).toContain('{"text": "…", "label": "…", "source": "…"} a line')
  })

  it('without a single label says what a row needs', async () => {
    const path = join(home.folder, 'unlabelled.csv')
    writeFileSync(path, 'text\r\nThe council voted on Tuesday to widen the quay.\r\n')
    const { code, stderr } = await home.fnd(['model', 'eval', '--data', path])
    expect(code).toBe(2)
    expect(stderr).toContain('needs text and label')
    expect(stderr).toContain('Row 1: The field label is missing')
  })
})
