// Who is served next, and who is refused: pure scheduling, no clocks, no threads.

/** What the queue must know of a job. */
export interface Waiting {
  client: string
  /** Work, in units of about one token. */
  cost: number
}

/** Fair between clients: each in turn gives one job, so that a large batch does not starve a single text. */
export interface FairQueue<T extends Waiting> {
  readonly depth: number
  push(job: T): void
  /** Back to the head of its client's line, and that client is next. */
  putBack(job: T): void
  shift(): T | undefined
  /** Takes a job out wherever it stands; false when it is not here. */
  remove(job: T): boolean
  /** Work that would be served before a new job of this client. */
  ahead(client: string): number
  /** Everything that waits, taken out. */
  clear(): T[]
}

export function createFairQueue<T extends Waiting>(): FairQueue<T> {
  // A Map keeps its order of insertion: the first line is the next to give.
  const lines = new Map<string, T[]>()
  let depth = 0

  const queue: FairQueue<T> = {
    get depth() {
      return depth
    },
    push(job) {
      const line = lines.get(job.client)
      if (line) line.push(job)
      else lines.set(job.client, [job])
      depth++
    },
    putBack(job) {
      const line = lines.get(job.client) ?? []
      const others = [...lines].filter(([client]) => client !== job.client)
      lines.clear()
      lines.set(job.client, [job, ...line])
      for (const [client, jobs] of others) lines.set(client, jobs)
      depth++
    },
    shift() {
      const first = lines.entries().next().value
      if (!first) return undefined
      const [client, line] = first
      const job = line.shift()
      lines.delete(client)
      if (line.length) lines.set(client, line)
      depth--
      return job
    },
    remove(job) {
      const line = lines.get(job.client)
      const at = line?.indexOf(job) ?? -1
      if (!line || at < 0) return false
      line.splice(at, 1)
      if (!line.length) lines.delete(job.client)
      depth--
      return true
    },
    ahead(client) {
      const own = lines.get(client)?.length ?? 0
      let cost = 0
      for (const [name, line] of lines) {
        const before = name === client ? own : Math.min(line.length, own + 1)
        for (let i = 0; i < before; i++) cost += line[i]?.cost ?? 0
      }
      return cost
    },
    clear() {
      const all = [...lines.values()].flat()
      lines.clear()
      depth = 0
      return all
    },
  }
  return queue
}

/** How fast the workers are, learned from what they did. */
export interface Pace {
  /** Seconds that a job of this cost keeps one worker busy. */
  seconds(cost: number): number
  /** Seconds of a job of mean cost. */
  readonly mean: number
  learn(cost: number, seconds: number): void
}

/** The weight of the newest measurement: about the last 20 jobs count. */
const NEWEST = 0.1

/** Exponentially weighted means, starting from one measured job. */
export function createPace(cost: number, seconds: number): Pace {
  let perUnit = seconds / cost
  let meanCost = cost
  return {
    seconds: (of) => of * perUnit,
    get mean() {
      return meanCost * perUnit
    },
    learn(of, took) {
      perUnit += NEWEST * (took / of - perUnit)
      meanCost += NEWEST * (of - meanCost)
    },
  }
}

/**
 * Seconds until a new job would be answered: what is ahead of it and what is running, spread over the workers, and itself.
 *
 * @param running Seconds that the busy workers still need, each.
 */
export function estimate(
  job: { ahead: number; own: number },
  running: readonly number[],
  workers: number,
  pace: Pace,
): number {
  const busy = running.reduce((sum, seconds) => sum + seconds, 0)
  const wait = running.length < workers && job.ahead === 0 ? 0 : (pace.seconds(job.ahead) + busy) / workers
  return wait + pace.seconds(job.own)
}
