// Waits until each component of a stack answers a real request through the address that users have.
//
// Ready means: the backend judged a text; Prometheus has loaded its rules and the scrape of the backend (it takes up
// targets 5 s after its start, and the first scrape may be an interval away); Grafana asked Prometheus a query through
// its datasource.

import { setTimeout as sleep } from 'node:timers/promises'
import { fetch } from 'undici'
import type { Settings } from '../config/schema.ts'
import { FndError, messageOf } from '../errors/error.ts'
import { type GrafanaLogin, grafanaClient } from '../observe/grafana.ts'
import { prometheusClient } from '../observe/prometheus.ts'
import { createBackendClient } from '../service/client.ts'
import { BACKEND_JOB } from '../service/metric-names.ts'
import type { Component, Progress } from './runtime.ts'

const POLL_MS = 100
const PATIENCE_MS = 5000
const SAMPLE =
  'The council voted on Tuesday to repair the two bridges over the river before winter, and the mayor signed the order on Wednesday.'

export interface ReadyWait {
  /** Where each component is that is waited for. */
  urls: ReadonlyMap<Component, URL>
  settings: Settings
  grafanaLogin?: GrafanaLogin | undefined
  /** When the wait of settings.timeout began, by performance.now(). */
  started: number
  /** What a component must show besides, where a runtime knows more: why it does not yet, undefined once it does. */
  also?: Partial<Record<Component, (signal: AbortSignal) => Promise<string | undefined>>>
  /** Throws for a component that will not come up by itself. */
  giveUp?: (component: Component) => Promise<void>
}

/** @throws FndError FND_TIMEOUT with what was seen last, what `giveUp` throws; AbortError. */
export async function waitUntilReady(
  wait: ReadyWait,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const { urls, settings, started, giveUp } = wait
  const waiting = new Map([...urls.keys()].map((component) => [component, 'starting']))
  const tell = () =>
    progress.update([...waiting].map(([component, why]) => `${component}: ${why}`).join(', ') || 'all answer')
  // The first that fails ends the wait for the others as well.
  const over = new AbortController()
  const either = AbortSignal.any([signal, over.signal])
  const answers = [...urls].map(async ([component, url]) => {
    for (;;) {
      const why = await notReady(component, url, wait, either)
      if (why === undefined) break
      waiting.set(component, why)
      tell()
      await giveUp?.(component)
      if (performance.now() - started > settings.timeout * 1000)
        throw new FndError('FND_TIMEOUT', {
          what: `${component} to answer`,
          seconds: settings.timeout,
          last: why,
        })
      await sleep(POLL_MS, undefined, { signal: either })
    }
    waiting.delete(component)
    tell()
  })
  try {
    await Promise.all(answers)
  } finally {
    over.abort()
    await Promise.allSettled(answers)
  }
}

/** Why it cannot do its work yet; undefined when it can. */
async function notReady(
  component: Component,
  url: URL,
  { settings, grafanaLogin, also }: ReadyWait,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    switch (component) {
      case 'backend': {
        const { apiKey } = settings.backend
        const client = createBackendClient({ url, apiKey, timeout: PATIENCE_MS / 1000 })
        // Asked first: a prediction before its time would count as refused.
        await client.ready({ signal })
        await client.predict(SAMPLE, { signal })
        break
      }
      case 'prometheus': {
        const client = prometheusClient(url, PATIENCE_MS)
        if (!(await client.rules(signal)).length) return 'its rules are not loaded'
        const knows = (await client.config(signal)).includes(`job_name: ${BACKEND_JOB}`)
        if (!knows) return 'it does not know the backend yet'
        break
      }
      case 'grafana':
        await grafanaClient(url, grafanaLogin).query('vector(1)', signal)
        break
      case 's3': {
        // A stranger is refused by the server itself: it reads requests, not just connections.
        const { status } = await fetch(url, {
          signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
        })
        if (status !== 403) return `it answers ${status} to a stranger`
      }
    }
    return await also?.[component]?.(signal)
  } catch (error) {
    signal.throwIfAborted()
    return messageOf(error)
  }
}
