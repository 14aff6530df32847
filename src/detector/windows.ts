// Long texts are read in overlapping windows whose logits are pooled, so that the end counts as well as the start.

/** Log-odds of fake before calibration, and how many tokens they rest on. */
export interface Reading {
  logit: number
  tokens: number
}

/** A stretch of tokens, `from` inclusive, `to` exclusive. */
export interface Span {
  from: number
  to: number
}

/**
 * Where the windows of a text lie. Every token is in one; neighbours overlap by `size - stride`.
 *
 * @param tokens Tokens of the text, special ones not counted.
 * @param size Most tokens in a window, special ones not counted.
 * @param stride Tokens from the start of one window to the start of the next, at most `size`.
 */
export function windowsOf(tokens: number, size: number, stride: number): Span[] {
  const spans: Span[] = []
  for (let from = 0; ; from += stride) {
    const to = Math.min(from + size, tokens)
    spans.push({ from, to })
    if (to >= tokens) return spans
  }
}

/** The mean of the windows' logits, weighted by their tokens; 0 (undecided) where there is nothing. */
export function pool(readings: readonly Reading[]): number {
  let sum = 0
  let weight = 0
  for (const { logit, tokens } of readings) {
    sum += logit * tokens
    weight += tokens
  }
  return weight === 0 ? 0 : sum / weight
}
