// Durations and shares as people write them: 30s, 5m, 1h, 2d; 1%, 0.01.

const SECONDS = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86400, w: 604800 } as const

/** The longest wait, in seconds: a timer of Node.js takes 2^31 - 1 ms (24.8 days), and one that is set longer fires at once. */
export const LONGEST_WAIT = 24 * SECONDS.d

/** Seconds of a duration such as `300ms`, `30s`, `5m`, `1h30m`, `2d`, or a bare number of seconds; undefined when it is none. */
export function durationSeconds(text: string): number | undefined {
  const trimmed = text.trim()
  if (/^\d+(\.\d+)?$/.test(trimmed)) return Number(trimmed)
  if (!/^(\d+(\.\d+)?(ms|[smhdw]))+$/.test(trimmed)) return undefined
  let total = 0
  for (const [, amount, unit] of trimmed.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdw])/g)) {
    total += Number(amount) * SECONDS[unit as keyof typeof SECONDS]
  }
  return total
}

/** A duration as Prometheus writes it, in the largest whole unit: 300 → `5m`, 0.5 → `500ms`. */
export function promDuration(seconds: number): string {
  for (const unit of ['w', 'd', 'h', 'm', 's'] as const) {
    if (seconds >= SECONDS[unit] && seconds % SECONDS[unit] === 0) return `${seconds / SECONDS[unit]}${unit}`
  }
  return `${Math.round(seconds * 1000)}ms`
}

/** A share of one from `1%`, `0.5 %` or `0.01`; undefined when it is none or outside 0..1. */
export function shareOfOne(text: string): number | undefined {
  const match = /^\s*(\d+(?:\.\d+)?)\s*(%?)\s*$/.exec(text)
  if (!match) return undefined
  const value = Number(match[1]) / (match[2] ? 100 : 1)
  return value <= 1 ? value : undefined
}
