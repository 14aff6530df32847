// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these strings are templates of YAML
// Values are put into a template's tree, never into its text: whatever they hold, they stay where they were put.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { fillTemplate, toYaml } from '../../../src/manifests/template.ts'

/** Strings that would break out of text: YAML's own signs, numbers and booleans of YAML 1.1, placeholders, any Unicode. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    'yes',
    'NO',
    'on',
    '~',
    'null',
    '0x1f',
    '0o17',
    '017',
    '1_000',
    '12:30:45',
    '1e3',
    '.inf',
    '2026-11-22',
    '<<',
    '=',
    '*a',
    '&a b',
    '!!binary aGk=',
    '- x',
    'a: b',
    '# no comment',
    '---\nkind: Secret',
    'x\n---\nkind: ClusterRoleBinding\n',
    '"; kind: Pod',
    "'",
    '{{ .Values }}',
    '${name}',
    '\u0085\u2028\u2029\ufeff',
    '',
    ' leading and trailing ',
    '\ttab',
    'line\r\nline\n\n',
  ),
)

const TEMPLATE = `
kind: ConfigMap
metadata: {name: fixed}
data:
  whole: \${value}
  part: before \${value} after
  list: [a, "\${value}"]
`

describe('a template', () => {
  it('holds any value just where it was put, for readers of YAML 1.1 and 1.2', () => {
    fc.assert(
      fc.property(hostile, (value) => {
        const [filled] = fillTemplate(TEMPLATE, { value, name: 'secret' })
        const text = toYaml(filled)
        expect(parseAllDocuments(text)).toHaveLength(1)
        for (const version of ['1.1', '1.2'] as const) {
          const read = parse(text, { version })
          expect(read).toEqual({
            kind: 'ConfigMap',
            metadata: { name: 'fixed' },
            data: { whole: value, part: `before ${value} after`, list: ['a', value] },
          })
        }
      }),
      { numRuns: 300 },
    )
  })

  it('keeps the type of a value that stands alone', () => {
    const values = { n: 3, yes: true, list: [1, 'a'], map: { b: null } }
    expect(fillTemplate('{a: "${n}", b: "${yes}", c: "${list}", d: "${map}"}', values)).toEqual([
      { a: 3, b: true, c: [1, 'a'], d: { b: null } },
    ])
  })

  it('leaves out keys, items and mappings whose value is undefined', () => {
    const template =
      'a: ${gone}\nb: [1, "${gone}"]\nc:\n  $if: ${gone}\n  d: 1\ne:\n  $if: ${no}\n  d: 1\nf:\n  $if: ${n}\n  d: 1'
    expect(fillTemplate(template, { gone: undefined, no: false, n: 1 })).toEqual([{ b: [1], f: { d: 1 } }])
  })

  it('looks into nothing below a condition that does not hold', () => {
    expect(fillTemplate('a:\n  b: ${gone.size}\n  $if: ${gone}', { gone: undefined })).toEqual([{}])
  })

  it('that names an unknown value is refused', () => {
    expect(() => fillTemplate('a: ${b.c}', { b: {} })).toThrow('${b.c}')
    expect(() => fillTemplate('a: ${constructor}', {})).toThrow('${constructor}')
  })

  it('that puts a list into a string, or is no YAML, is refused', () => {
    expect(() => fillTemplate('a: x-${b}', { b: [] })).toThrow('${b}')
    expect(() => fillTemplate('a: [', {})).toThrow()
  })

  it("leaves other programs' placeholders alone", () => {
    expect(fillTemplate('a: "$1:${2} $__file{x}"', {})).toEqual([{ a: '$1:${2} $__file{x}' }])
  })
})
