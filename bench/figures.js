// Order statistics of measured series.

/** The value below which a share `q` of the series lies (nearest rank). */
export function quantile(series, q) {
  const sorted = [...series].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN
}

export const median = (series) => quantile(series, 0.5)
