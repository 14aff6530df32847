// The open-loop load generator: requests leave when they are due, whether or not earlier ones have been answered.

import { setMaxListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { Pool } from 'undici'
import { messageOf } from '../errors/error.ts'
import { createLatencies, type LatencySummary } from './latencies.ts'
import type { LoadRequest } from './requests.ts'

export interface LoadPlan {
  /** Base address of the backend. */
  target: URL
  /** Seconds from the start, ascending. */
  arrivals: Iterable<number>
  /** Seconds after which nothing more is sent. */
  duration: number
  /** Makes the next request. */
  next: () => LoadRequest
  /** Clients, each with a connection of its own and one request under way at most. */
  clients: number
  /** Longest wait for one answer, in milliseconds. */
  timeoutMs: number
  apiKey?: string | undefined
}

/** What came back. */
export interface LoadResult {
  /** Seconds from the first to the last thing that happened. */
  seconds: number
  sent: number
  /** Due, but every client was still waiting for an answer when the run ended. */
  unsent: number
  /** Under way when the run was interrupted: neither sent nor unsent, nobody knows what they would have got. */
  cutOff: number
  /** Answers by class; `limited` are the 429s, which are not among the other 4xx. */
  ok: number
  refused: number
  limited: number
  failed: number
  /** No answer: connection refused or broken, time-out. */
  errors: number
  /** Answers with a Retry-After header. They are counted, not obeyed: to wait would turn the open loop into a closed one. */
  retryAfter: number
  statuses: Record<string, number>
  verdicts: Record<string, number>
  /** Bad requests, and how many of them got the 4xx that they deserve. */
  bad: { sent: number; refused: number }
  /**
   * Of the good requests that were answered with 200, from the moment they were due, not from the moment they could be sent:
   * waiting for a free client is part of it (no coordinated omission: G. Tene, "How NOT to Measure Latency", 2013; wrk2).
   */
  latency: LatencySummary | undefined
  /** The last thing that went wrong, for the error when nothing was answered. */
  lastError?: string
}

/**
 * Sends the plan's requests and counts what comes back. Aborting ends it early, with the result so far.
 *
 * autocannon was looked at: it sends a burst at the start of each second, waits for the answer before it goes on with a
 * connection, and corrects the latencies afterwards by an assumed interval.
 *
 * @param progress told of each answer.
 */
export async function runLoad(
  plan: LoadPlan,
  signal: AbortSignal,
  progress: (result: LoadResult) => void,
): Promise<LoadResult> {
  const result: LoadResult = {
    seconds: 0,
    sent: 0,
    unsent: 0,
    cutOff: 0,
    ok: 0,
    refused: 0,
    limited: 0,
    failed: 0,
    errors: 0,
    retryAfter: 0,
    statuses: {},
    verdicts: {},
    bad: { sent: 0, refused: 0 },
    latency: undefined,
  }
  const latencies = createLatencies()
  const pool = new Pool(plan.target.origin, {
    connections: plan.clients,
    pipelining: 1,
    headersTimeout: plan.timeoutMs,
    bodyTimeout: plan.timeoutMs,
    connect: { timeout: plan.timeoutMs },
  })
  const path = `${plan.target.pathname.replace(/\/$/, '')}/predict`
  const start = performance.now()
  const now = () => (performance.now() - start) / 1000
  const end = AbortSignal.any([signal, AbortSignal.timeout(Math.ceil(plan.duration * 1000))])
  // Each request under way listens to it; they are bounded by the clients.
  setMaxListeners(0, signal, end)
  const underWay = new Set<Promise<void>>()
  let wake = () => {}
  end.addEventListener('abort', () => wake(), { once: true })

  const send = async (due: number, request: LoadRequest) => {
    result.sent += 1
    if (request.bad) result.bad.sent += 1
    try {
      const { statusCode, headers, body } = await pool.request({
        path,
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(plan.apiKey ? { 'x-api-key': plan.apiKey } : {}),
        },
        body: request.body,
        signal,
      })
      const answer = await body.text()
      count(result, statusCode, request)
      if (headers['retry-after'] !== undefined) result.retryAfter += 1
      if (statusCode === 200 && !request.bad) {
        latencies.record(now() - due)
        const verdict = verdictIn(answer)
        result.verdicts[verdict] = (result.verdicts[verdict] ?? 0) + 1
      }
    } catch (error) {
      // What the end of the run cut off is nobody's error.
      if (signal.aborted) {
        result.sent -= 1
        result.cutOff += 1
        if (request.bad) result.bad.sent -= 1
        return
      }
      result.errors += 1
      result.lastError = messageOf(error)
    }
    progress(result)
  }

  try {
    for (const due of plan.arrivals) {
      const wait = due - now()
      if (wait > 0) await until(wait * 1000, end)
      while (underWay.size >= plan.clients && !end.aborted)
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      if (signal.aborted) break
      if (end.aborted) {
        result.unsent += 1
        continue
      }
      const request: Promise<void> = send(due, plan.next()).finally(() => {
        underWay.delete(request)
        wake()
      })
      underWay.add(request)
    }
    await Promise.all(underWay)
  } finally {
    await pool.destroy()
  }
  result.seconds = now()
  result.latency = latencies.summary()
  return result
}

/** Waits so long, or until the run ends. */
async function until(ms: number, end: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal: end }).catch(() => {})
}

function count(result: LoadResult, status: number, { bad }: LoadRequest): void {
  result.statuses[status] = (result.statuses[status] ?? 0) + 1
  if (status === 429) result.limited += 1
  else if (status >= 500) result.failed += 1
  else if (status >= 400) {
    result.refused += 1
    if (bad) result.bad.refused += 1
  } else result.ok += 1
}

function verdictIn(answer: string): string {
  try {
    const { label } = JSON.parse(answer)
    return typeof label === 'string' ? label : 'unknown'
  } catch {
    return 'unknown'
  }
}
