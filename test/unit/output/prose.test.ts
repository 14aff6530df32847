import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hang, oneLine, wrap } from '../../../src/output/prose.ts'

describe('a line of somebody else’s text', () => {
  it('has no line breaks, escapes or direction marks left that would steer the terminal', () => {
    expect(oneLine(' Quay\n\twidened ')).toBe('Quay widened')
    expect(oneLine('\x1b[2Jgone\x07')).toBe('[2Jgone')
    expect(oneLine('a\u202eb\u200bc\ufeff')).toBe('a b c')
  })
})

describe('a hanging line', () => {
  it('goes on under its indent, and counts what is seen, not colours', () => {
    expect(hang('  mend one two three', 12, '    ')).toBe('  mend one\n    two\n    three')
    expect(hang('\x1b[31mone\x1b[39m \x1b[2mtwo', 7)).toBe('\x1b[31mone\x1b[39m \x1b[2mtwo')
    expect(hang('', 9)).toBe('')
  })

  it('keeps an address and a command whole, though they be wider', () => {
    expect(hang('see https://example.org/b now', 10, '  ')).toBe('see\n  https://example.org/b\n  now')
    expect(hang('Run `fnd up --name b`, then look', 12, '  ')).toBe('Run\n  `fnd up --name b`,\n  then look')
    expect(hang('a lone ` in it', 7)).toBe('a lone\n` in it')
  })

  it('keeps a figure with its unit', () => {
    expect(hang('waited 0 ms, then 12 minutes', 9)).toBe('waited\n0 ms,\nthen 12\nminutes')
    expect(wrap('memory 343 MiB', 12)).toEqual(['memory', '343 MiB'])
  })

  it('never passes the width where no word does, and loses none', () => {
    const words = fc.array(fc.stringMatching(/^[a-z`]{1,8}$/))
    fc.assert(
      fc.property(words, fc.integer({ min: 12, max: 40 }), (list, width) => {
        const text = list.join(' ')
        const lines = hang(text, width, '  ').split('\n')
        for (const line of lines) expect(line.length <= width || line.includes('`')).toBe(true)
        expect(lines.join(' ').split(' ').filter(Boolean)).toEqual(list)
      }),
    )
  })
})

describe('wrapped text', () => {
  it('breaks at spaces', () => {
    expect(wrap('one two three four', 9)).toEqual(['one two', 'three', 'four'])
    expect(wrap('', 9)).toEqual([])
  })

  it('cuts a word that is longer than the line', () => {
    expect(wrap('a https://example.org/b', 10)).toEqual(['a', 'https://ex', 'ample.org/', 'b'])
  })

  it('ends in an ellipsis where lines were left out', () => {
    expect(wrap('one two three four', 9, 2)).toEqual(['one two', 'three …'])
    expect(wrap('aaaaaaaaa bbb', 9, 1)).toEqual(['aaaaaaa …'])
    expect(wrap('one two', 9, 1)).toEqual(['one two'])
  })

  it('never passes the width, nor loses or splits a character', () => {
    const texts = fc.array(fc.string({ unit: 'binary' })).map((words) => oneLine(words.join(' ')))
    fc.assert(
      fc.property(texts, fc.integer({ min: 2, max: 40 }), (text, width) => {
        const lines = wrap(text, width)
        expect(lines.every((line) => [...line].length <= width)).toBe(true)
        expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''))
      }),
    )
  })
})
