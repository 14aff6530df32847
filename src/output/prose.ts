// Text from outside, made safe to print and fitted to a width.

import { stripVTControlCharacters } from 'node:util'

/** The text on one line, without control characters: what came from a page must not steer the terminal. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim()
}

/** The space between a figure and its unit, at which no line is broken. */
const UNIT_SPACE = String.raw`(?<=\d) (?=(?:µs|ms|s|min|h|d|%|B|[KMGT]iB)(?![\p{L}\d]))`
const BREAK = new RegExp(`(?!${UNIT_SPACE}) `, 'u')

/** Breaks at spaces into lines of at most `width` characters; a longer word is cut. With `most`, the last line ends in "…". */
export function wrap(text: string, width: number, most = Number.POSITIVE_INFINITY): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(BREAK).flatMap((w) => w.match(new RegExp(`.{1,${width}}`, 'gu')) ?? [])) {
    if (line && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line ? `${line} ${word}` : word
  }
  if (line) lines.push(line)
  if (lines.length <= most) return lines
  const last = lines[most - 1] ?? ''
  return [...lines.slice(0, most - 1), `${last.slice(0, width - 2).trimEnd()} …`]
}

const WORD = new RegExp(` *((?:\`[^\`]+\`|[^ ]|${UNIT_SPACE})+)`, 'gu')

/**
 * Breaks lines at spaces so that none is seen wider than `width`: colours take no room. A continued line starts with
 * `indent`. What is to be copied stays whole, though it be wider: an address, and what stands in backquotes.
 */
export function hang(text: string, width: number, indent = ''): string {
  if (text.includes('\n'))
    return text
      .split('\n')
      .map((one) => hang(one, width, indent))
      .join('\n')
  const lines: string[] = []
  let line = ''
  for (const [piece, word = ''] of text.matchAll(WORD)) {
    if (line === '' || seen(line) + seen(piece) <= width) line += piece
    else {
      lines.push(line)
      line = indent + word
    }
  }
  return [...lines, line].join('\n')
}

/** Columns that a text takes, its colours aside. */
const seen = (text: string) => [...stripVTControlCharacters(text)].length
