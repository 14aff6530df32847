// What `fnd model eval --robust --shortcuts --explanations` prints, on a terminal of 80 columns and as a page.

import { describe, expect, it } from 'vitest'
import type { EvalAnswer } from '../../../src/commands/model/eval/answer.ts'
import { probeSections } from '../../../src/commands/model/eval/page-probes.ts'
import { renderEvaluation } from '../../../src/commands/model/eval/render.ts'
import {
  explanationLines,
  robustnessLines,
  shortcutLines,
} from '../../../src/commands/model/eval/render-probes.ts'
import { evaluate } from '../../../src/evaluation/evaluate.ts'
import { createPaint } from '../../../src/output/paint.ts'
import { example } from '../evaluation/examples.ts'

const plain = createPaint(false)
const between = (value: number, low: number, high: number) => ({ value, low, high })
const none = { leaningFlipped: null, verdictFlipped: null, withheld: null, moved: null, towardsFake: null }

const data: EvalAnswer = {
  model: { name: 'm', version: '1', sha256: '0'.repeat(64) },
  data: { file: 'f', rows: 1, judged: 1, failures: {}, wrong: [] },
  ...(await evaluate([example('fake', 0.9)], 0, async () => {})),
  speed: { seconds: 1, textsPerSecond: 1, concurrency: 1 },
  robustness: {
    texts: 1300,
    seed: 1,
    changes: [
      {
        name: 'no punctuation',
        what: 'marks <removed>',
        n: 1300,
        leaningFlipped: between(1, 1, 1),
        verdictFlipped: between(0.0404, 0.02, 0.0996),
        withheld: between(0.5, 0.45, 0.55),
        moved: between(0.1234, 0.1, 0.15),
        towardsFake: between(0, 0, 0),
      },
      { name: 'other quotes', what: 'none', n: 0, ...none },
    ],
  },
  shortcuts: {
    texts: 20,
    seed: 1,
    changes: [
      {
        name: 'breaking',
        what: '“BREAKING: ” put before it',
        n: 20,
        ...none,
        leaningFlipped: between(0, 0, 0),
        moved: between(0.3, 0.2, 0.4),
        towardsFake: between(-0.123, -0.2, -0.01),
      },
      {
        name: '!!!',
        what: 'at its end',
        n: 20,
        ...none,
        leaningFlipped: between(0, 0, 0),
        moved: between(0.01, 0, 0.02),
        towardsFake: between(0.01, -0.0001, 0.02),
      },
    ],
  },
  explanations: {
    n: 12,
    seed: 1,
    methods: [
      {
        method: 'sentences',
        fall: between(0.13, 0.04, 0.24),
        randomFall: between(-0.01, -0.12, 0.15),
        gain: between(0.08, 0.01, 0.15),
        agreement: between(0.28, -0.05, 0.5),
        cost: between(1.4, 1.3, 1.5),
      },
      {
        method: 'full',
        fall: between(0.14, 0.05, 0.25),
        randomFall: between(-0.01, -0.12, 0.15),
        gain: between(0.09, 0.03, 0.16),
        agreement: null,
        cost: between(10.2, 9.7, 11),
      },
    ],
  },
}

describe('on a terminal', () => {
  it.each([
    ['robustness', robustnessLines],
    ['shortcuts', shortcutLines],
    ['explanations', explanationLines],
  ] as const)('%s fits 80 columns', (_, lines) => {
    const text = lines(data, plain).join('\n')
    expect(text).toMatchSnapshot()
    for (const line of text.split('\n')) expect([...line].length, line).toBeLessThanOrEqual(80)
  })

  it('one text is one text', () => {
    const text = renderEvaluation(data, plain)
    expect(text).toContain('  1 text judged')
    expect(text).not.toMatch(/\b1 texts\b(?!\/s)/)
  })

  it('what was not asked for is not there', () => {
    const { robustness: _, shortcuts: __, explanations: ___, ...rest } = data
    for (const lines of [robustnessLines, shortcutLines, explanationLines])
      expect(lines(rest, plain)).toEqual([])
    expect(probeSections(rest).text).toBe('')
  })
})

it('the page has each figure with its interval, and the number of texts that a change altered', () => {
  const page = probeSections(data).text
  expect(page.match(/<h2>\w+/g)).toEqual(['<h2>Robustness', '<h2>Shortcuts', '<h2>Explanations'])
  expect(page).toContain('marks &lt;removed&gt;')
  expect(page).toContain('<td>1,300</td><td>100 (100–100)</td><td>4.0 (2.0–10)</td>')
  expect(page).toContain('<td>-12 (-20 to -1.0)</td>')
  expect(page).toContain('<td>0.28 (-0.05 to 0.50)</td><td>1.4 (1.3–1.5)</td>')
})
