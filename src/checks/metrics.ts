// Are the figures on their way: Prometheus answers, scrapes the backend, and evaluates its rules.

import { seconds } from '../format.ts'
import { severityOf } from '../observe/alerts.ts'
import type { PrometheusClient, Target } from '../observe/prometheus.ts'
import { BACKEND_JOB } from '../service/metric-names.ts'
import type { CheckGroup } from './check.ts'
import { untilTargets } from './targets.ts'

/** A scrape may be this many intervals old before it counts as late. */
const LATE_AFTER_INTERVALS = 3

export interface MetricsWorld {
  prometheus: PrometheusClient
  /** Seconds. */
  scrapeInterval: number
  /** Milliseconds since 1970. */
  now: () => number
}

/** The checks of the group "metrics". */
export function metricsChecks({ prometheus, scrapeInterval, now }: MetricsWorld): CheckGroup {
  const world = { prometheus, scrapeInterval }
  return {
    name: 'metrics',
    checks: [
      {
        title: 'Prometheus answers queries',
        fatal: true,
        mend: 'Look at `fnd logs prometheus`.',
        look: async (signal) => ({ detail: `version ${await prometheus.version(signal)}` }),
      },
      {
        title: 'Prometheus knows the backend as a target',
        fatal: true,
        mend: 'Run `fnd up` again: it renders the configuration anew.',
        look: async (signal) => {
          const lacking = (targets: Target[]) =>
            targets.length ? undefined : `no target with job="${BACKEND_JOB}"`
          const found = await untilTargets(world, lacking, signal)
          return { detail: found.map((target) => target.labels.pod ?? target.labels.instance).join(', ') }
        },
      },
      {
        title: 'every backend target is scraped without error',
        mend: 'Look at `fnd logs backend`: its /metrics must answer Prometheus.',
        look: async (signal) => {
          const lacking = (targets: Target[]) =>
            targets.every(scraped) ? undefined : 'the first scrape has not happened yet'
          const found = await untilTargets(world, lacking, signal)
          const failing = found.find((target) => target.health === 'down')
          if (failing) throw new Error(`${failing.scrapeUrl}: ${failing.lastError}`)
          const ages = found.map((target) => (now() - Date.parse(target.lastScrape)) / 1000)
          const oldest = Math.max(...ages, 0)
          if (oldest > LATE_AFTER_INTERVALS * scrapeInterval)
            throw new Error(
              `the last scrape is ${seconds(oldest)} old, one is due every ${seconds(scrapeInterval)}`,
            )
          return { detail: `last scrape ${seconds(oldest)} ago` }
        },
      },
      {
        title: 'every recording and alert rule evaluates',
        mend: 'Look at `fnd logs prometheus`, then run `fnd up` again.',
        look: async (signal) => {
          const rules = (await prometheus.rules(signal)).flatMap((group) => group.rules)
          const failing = rules.find((rule) => rule.health === 'err')
          if (failing) throw new Error(`${failing.name}: ${failing.lastError ?? 'unknown error'}`)
          if (rules.length === 0) throw new Error('no rules are loaded')
          return { detail: `${rules.length} rules` }
        },
      },
      {
        title: 'no alert fires',
        mend: 'Look at `fnd health`: it says what is wrong and names the runbook.',
        look: async (signal) => {
          const firing = (await prometheus.alerts(signal)).filter(
            ({ state, labels }) => state === 'firing' && severityOf(labels.severity) !== 'info',
          )
          const names = [...new Set(firing.map(({ labels }) => labels.alertname ?? 'one without a name'))]
          return names.length ? { outcome: 'warn', detail: `${names.join(', ')}: firing` } : {}
        },
      },
    ],
  }
}

/** Prometheus gives the year 1 for a target that it has not scraped yet. */
function scraped(target: Target): boolean {
  return Date.parse(target.lastScrape) > 0
}
