// A histogram that is cheap to hand out. Nine of ten lines of /metrics are buckets, and prom-client builds each of them anew for
// each scrape; here all of a line but its value is written once.

export interface HistogramOptions<L extends string> {
  name: string
  help: string
  labelNames?: readonly L[]
  /** Upper edges, the lowest first. */
  buckets: readonly number[]
  /** Called before each reading. */
  collect?: (this: Histogram<L>) => void
}

interface Series {
  /** Observations in each bucket; the last holds those above all edges. */
  counts: number[]
  sum: number
  /** The lines of its buckets up to their values, and those of its sum and its count. */
  bucketLines: string[]
  sumLine: string
  countLine: string
}

/** A histogram in Prometheus' text format, with the semantics of its client libraries: cumulated buckets, sum and count. */
export class Histogram<L extends string = never> {
  readonly #options: HistogramOptions<L>
  readonly #head: string
  readonly #series = new Map<string, Series>()

  constructor(options: HistogramOptions<L>) {
    this.#options = options
    this.#head = `# HELP ${options.name} ${options.help}\n# TYPE ${options.name} histogram\n`
    if (!options.labelNames?.length) this.#seriesOf({} as Record<L, string>)
  }

  /** Shows the series of these labels at 0, where it is not there yet. */
  zero(labels: Record<L, string>): void {
    this.#seriesOf(labels)
  }

  /** @throws RangeError for a value that is no number: it would spoil the sum for good. */
  observe(labels: Record<L, string>, value: number, times = 1): void {
    if (!Number.isFinite(value)) throw new RangeError(`${this.#options.name} cannot observe ${value}`)
    const series = this.#seriesOf(labels)
    const { buckets } = this.#options
    const at = buckets.findIndex((edge) => value <= edge)
    const bucket = at < 0 ? buckets.length : at
    series.counts[bucket] = (series.counts[bucket] ?? 0) + times
    series.sum += value * times
  }

  /** Forgets the series of these labels. */
  remove(labels: Record<L, string>): void {
    this.#series.delete(this.#keyOf(labels))
  }

  /** Forgets every series. */
  reset(): void {
    this.#series.clear()
  }

  /** Its part of the exposition, the last line ended. */
  text(): string {
    this.#options.collect?.call(this)
    let text = this.#head
    for (const { counts, sum, bucketLines, sumLine, countLine } of this.#series.values()) {
      let cumulated = 0
      for (const [at, line] of bucketLines.entries()) {
        cumulated += counts[at] ?? 0
        text += `${line}${cumulated}\n`
      }
      text += `${sumLine}${sum}\n${countLine}${cumulated}\n`
    }
    return text
  }

  #keyOf(labels: Record<L, string>): string {
    return (this.#options.labelNames ?? []).map((label) => labels[label]).join('\n')
  }

  #seriesOf(labels: Record<L, string>): Series {
    const { name, labelNames = [], buckets } = this.#options
    const key = this.#keyOf(labels)
    const known = this.#series.get(key)
    if (known) return known
    const own = labelNames.map((label) => `${label}="${escaped(labels[label])}"`)
    const line = (suffix: string, all: readonly string[]) =>
      `${name}_${suffix}${all.length ? `{${all.join(',')}}` : ''} `
    const series: Series = {
      counts: Array.from({ length: buckets.length + 1 }, () => 0),
      sum: 0,
      bucketLines: [...buckets.map(String), '+Inf'].map((edge) => line('bucket', [`le="${edge}"`, ...own])),
      sumLine: line('sum', own),
      countLine: line('count', own),
    }
    this.#series.set(key, series)
    return series
  }
}

/** Escapes of the text format: backslash, quote, line feed. */
function escaped(value: string): string {
  return value.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')
}
