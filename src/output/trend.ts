// Trend lines and stacked bars, drawn with block characters.

const BLOCKS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const

/** A trend line, oldest first: one block a value, a gap where there was none; the lowest block is zero. */
export function trendLine(values: readonly (number | null)[]): string {
  const most = Math.max(0, ...values.filter((value) => value !== null))
  return values
    .map((value) => {
      if (value === null) return ' '
      const level = most === 0 ? 0 : Math.round((Math.max(0, value) / most) * (BLOCKS.length - 1))
      return BLOCKS[level]
    })
    .join('')
}

/** The full and the empty part of a bar of `width` characters; a share outside 0..1 is cut. */
export function shareBar(share: number, width: number): [full: string, empty: string] {
  const cells = Math.round(Math.min(1, Math.max(0, share)) * width)
  return ['█'.repeat(cells), '░'.repeat(width - cells)]
}

/** One part of a stacked bar. */
interface Part {
  value: number
  /** The character that draws it. */
  fill: string
}

/** A bar of `width` characters in the proportion of its parts; a part above zero is never left out. */
export function stackedBar(parts: readonly Part[], width: number): string {
  const total = parts.reduce((sum, part) => sum + part.value, 0)
  if (total <= 0) return ''
  const lengths = parts.map((part) =>
    part.value > 0 ? Math.max(1, Math.round((part.value / total) * width)) : 0,
  )
  const longest = lengths.indexOf(Math.max(...lengths))
  const excess = lengths.reduce((sum, length) => sum + length, 0) - width
  return parts
    .map((part, at) => part.fill.repeat((lengths[at] ?? 0) - (at === longest ? excess : 0)))
    .join('')
}
