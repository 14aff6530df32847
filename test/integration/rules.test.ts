import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { settingsSchema } from '../../src/config/schema.ts'
import { alerts } from '../../src/observe/alerts.ts'
import { ruleFile } from '../../src/observe/rules.ts'
import { prometheusProgram } from '../support/debian-prometheus.ts'

const settings = settingsSchema.parse({})
const promtool = prometheusProgram('promtool')
let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fnd-rules-'))
  writeFileSync(join(folder, 'rules.yaml'), ruleFile(settings))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Runs promtool and returns what it said; a failure throws with its output. */
function run(...args: string[]): string {
  if (!promtool) throw new Error('promtool can be neither found nor fetched')
  return execFileSync(promtool, args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' })
}

interface Scenario {
  alert: string
  when: string
  /** Series with values one minute apart, in promtool's notation. */
  series: Record<string, string>
  at: string
  fires: boolean
  severity?: string
}

const up = { 'up{job="backend",instance="a"}': '1x5000' }
const requests = (status: number) =>
  `http_requests_total{job="backend",instance="a",route="/predict",method="POST",status="${status}"}`
const gauge = (name: string, more = '') => `${name}{job="backend",instance="a"${more}}`
const predictions = (label: string) => gauge('predictions_total', `,label="${label}"`)
const fast = { [gauge('prediction_latency_seconds_bucket', ',le="1"')]: '0+60x400' }
const slow = { [gauge('prediction_latency_seconds_bucket', ',le="1"')]: '0+6x400' }
const counted = {
  [gauge('prediction_latency_seconds_count')]: '0+60x400',
  [predictions('Fake')]: '0+60x400',
}

const SCENARIOS: Scenario[] = [
  {
    alert: 'ErrorBudgetBurn',
    when: 'half of the requests end in 5xx',
    series: { [requests(200)]: '0+30x400', [requests(500)]: '0+30x400' },
    at: '90m',
    fires: true,
    severity: 'critical',
  },
  {
    alert: 'ErrorBudgetBurn',
    when: 'requests end in 4xx: the callers are at fault',
    series: { [requests(200)]: '0+30x400', [requests(400)]: '0+30x400' },
    at: '90m',
    fires: false,
  },
  {
    alert: 'ErrorBudgetBurn',
    when: 'half of very few requests fail',
    series: { [requests(200)]: '0 0 1 1 2 2 3x400', [requests(500)]: '0 0 1 1 2 2 3x400' },
    at: '10m',
    fires: false,
  },
  {
    alert: 'ErrorBudgetBurn',
    when: 'only probes fail: they are no traffic',
    series: {
      [requests(200)]: '0+30x400',
      'http_requests_total{job="backend",instance="a",route="/ready",method="GET",status="503"}': '0+60x400',
    },
    at: '90m',
    fires: false,
  },
  {
    alert: 'LatencyBudgetBurn',
    when: 'nine of ten predictions take more than a second',
    series: { ...slow, ...counted },
    at: '90m',
    fires: true,
    severity: 'critical',
  },
  {
    alert: 'LatencyBudgetBurn',
    when: 'Prometheus 3 writes the edge as 1.0 and predictions are slow',
    series: { [gauge('prediction_latency_seconds_bucket', ',le="1.0"')]: '0+6x400', ...counted },
    at: '90m',
    fires: true,
    severity: 'critical',
  },
  {
    alert: 'LatencyBudgetBurn',
    when: 'predictions are fast',
    series: { ...fast, ...counted },
    at: '90m',
    fires: false,
  },
  {
    alert: 'BackendDown',
    when: 'no instance answers',
    series: { 'up{job="backend",instance="a"}': '0x60', 'up{job="backend",instance="b"}': '0x60' },
    at: '10m',
    fires: true,
  },
  {
    alert: 'BackendDown',
    when: 'one of two answers',
    series: { 'up{job="backend",instance="a"}': '0x60', 'up{job="backend",instance="b"}': '1x60' },
    at: '10m',
    fires: false,
  },
  {
    alert: 'TargetMissing',
    when: 'Prometheus knows no backend',
    series: { 'up{job="prometheus",instance="p"}': '1x60' },
    at: '10m',
    fires: true,
  },
  {
    alert: 'TargetMissing',
    when: 'one of two instances is gone',
    series: { 'up{job="backend",instance="a"}': '0x60', 'up{job="backend",instance="b"}': '1x60' },
    at: '10m',
    fires: true,
  },
  { alert: 'TargetMissing', when: 'all answer', series: up, at: '10m', fires: false },
  {
    alert: 'ModelNotReady',
    when: 'the model does not load',
    series: { [gauge('model_ready')]: '0x60' },
    at: '10m',
    fires: true,
  },
  {
    alert: 'ModelNotReady',
    when: 'it is loaded within a minute',
    series: { [gauge('model_ready')]: '0 1x60' },
    at: '10m',
    fires: false,
  },
  {
    alert: 'ModelRefused',
    when: 'a version fails its self-test',
    series: { [gauge('model_load_failures_total', ',reason="self_test"')]: '0x8 1x60' },
    at: '15m',
    fires: true,
  },
  {
    alert: 'ModelRefused',
    when: 'every model was taken',
    series: { [gauge('model_load_failures_total', ',reason="self_test"')]: '0x60' },
    at: '15m',
    fires: false,
  },
  {
    alert: 'ModelVersionSkew',
    when: 'two versions answer',
    series: {
      'model_info{job="backend",instance="a",name="m",version="1",sha256="x"}': '1x60',
      'model_info{job="backend",instance="b",name="m",version="2",sha256="y"}': '1x60',
    },
    at: '30m',
    fires: true,
  },
  {
    alert: 'ModelVersionSkew',
    when: 'two instances have one version',
    series: {
      'model_info{job="backend",instance="a",name="m",version="1",sha256="x"}': '1x60',
      'model_info{job="backend",instance="b",name="m",version="1",sha256="x"}': '1x60',
    },
    at: '30m',
    fires: false,
  },
  {
    alert: 'QueueSaturated',
    when: 'the queue is nine tenths full',
    series: { [gauge('prediction_queue_depth')]: '90x60', [gauge('prediction_queue_capacity')]: '100x60' },
    at: '10m',
    fires: true,
  },
  {
    alert: 'QueueSaturated',
    when: 'it is full for a moment',
    series: {
      [gauge('prediction_queue_depth')]: '0 100 100 0x60',
      [gauge('prediction_queue_capacity')]: '100x60',
    },
    at: '10m',
    fires: false,
  },
  {
    alert: 'RejectingPredictions',
    when: 'a tenth is refused',
    series: {
      [requests(200)]: '0+90x60',
      [requests(503)]: '0+10x60',
      [gauge('predictions_rejected_total', ',reason="queue_full"')]: '0+10x60',
    },
    at: '20m',
    fires: true,
  },
  {
    alert: 'RejectingPredictions',
    when: 'texts are refused because they are bad',
    series: {
      [requests(200)]: '0+90x60',
      [requests(400)]: '0+10x60',
      [gauge('predictions_rejected_total', ',reason="invalid"')]: '0+10x60',
      [gauge('predictions_rejected_total', ',reason="queue_full"')]: '0x60',
    },
    at: '20m',
    fires: false,
  },
  {
    alert: 'WorkerCrashLoop',
    when: 'a worker dies every other minute',
    series: { [gauge('prediction_worker_restarts_total')]: '0 0 1 1 2 2 3 3 4 4 5 5 6 6 7 7 8 8' },
    at: '17m',
    fires: true,
  },
  {
    alert: 'WorkerCrashLoop',
    when: 'a worker died once',
    series: { [gauge('prediction_worker_restarts_total')]: '0 0 0 1x60' },
    at: '17m',
    fires: false,
  },
  {
    alert: 'EventLoopBlocked',
    when: 'it is held up for half a second',
    series: { [gauge('nodejs_eventloop_lag_p99_seconds')]: '0.5x60' },
    at: '10m',
    fires: true,
  },
  {
    alert: 'EventLoopBlocked',
    when: 'it runs free',
    series: { [gauge('nodejs_eventloop_lag_p99_seconds')]: '0.012x60' },
    at: '10m',
    fires: false,
  },
  {
    alert: 'MemoryNearLimit',
    when: '95 of 100 MB are used',
    series: {
      [gauge('process_resident_memory_bytes')]: '95000000x60',
      [gauge('process_memory_limit_bytes')]: '100000000x60',
    },
    at: '10m',
    fires: true,
  },
  {
    alert: 'MemoryNearLimit',
    when: 'there is no limit',
    series: { [gauge('process_resident_memory_bytes')]: '95000000x60' },
    at: '10m',
    fires: false,
  },
  {
    alert: 'CpuThrottled',
    when: 'half of each second is lost',
    series: { [gauge('process_cpu_throttled_seconds_total')]: '0+30x60' },
    at: '30m',
    fires: true,
  },
  {
    alert: 'CpuThrottled',
    when: 'a second a minute is lost',
    series: { [gauge('process_cpu_throttled_seconds_total')]: '0+1x60' },
    at: '30m',
    fires: false,
  },
  {
    alert: 'VerdictMixShifted',
    when: 'a half of fakes becomes nearly all',
    series: {
      [predictions('Fake')]: '0+10x1440 14410+19x180',
      [predictions('Real')]: '0+10x1440 14401+1x180',
    },
    at: '25h30m',
    fires: true,
  },
  {
    alert: 'VerdictMixShifted',
    when: 'the mix stays',
    series: { [predictions('Fake')]: '0+10x1620', [predictions('Real')]: '0+10x1620' },
    at: '25h30m',
    fires: false,
  },
  {
    alert: 'ConfidenceCollapsed',
    when: 'the mean confidence is 0.55',
    series: {
      [gauge('prediction_confidence_sum', ',label="Uncertain"')]: '0+5.5x120',
      [gauge('prediction_confidence_count', ',label="Uncertain"')]: '0+10x120',
      [predictions('Uncertain')]: '0+10x120',
    },
    at: '90m',
    fires: true,
  },
  {
    alert: 'ConfidenceCollapsed',
    when: 'it is 0.85',
    series: {
      [gauge('prediction_confidence_sum', ',label="Fake"')]: '0+8.5x120',
      [gauge('prediction_confidence_count', ',label="Fake"')]: '0+10x120',
      [predictions('Fake')]: '0+10x120',
    },
    at: '90m',
    fires: false,
  },
  {
    alert: 'NoTraffic',
    when: 'the backend was never asked',
    series: up,
    at: '40m',
    fires: true,
  },
  {
    alert: 'NoTraffic',
    when: 'requests come in',
    series: { ...up, [requests(200)]: '0+1x60' },
    at: '40m',
    fires: false,
  },
]

describe('the rule file', () => {
  it('is accepted by promtool', () => {
    expect(run('check', 'rules', '--lint-fatal', 'rules.yaml')).toMatch(/SUCCESS/)
  })

  it('has a firing and a silent scenario for each alert', () => {
    for (const { name } of alerts(settings.slo)) {
      const mine = SCENARIOS.filter((scenario) => scenario.alert === name)
      expect(new Set(mine.map((scenario) => scenario.fires)), name).toEqual(new Set([true, false]))
    }
  })

  it.each(SCENARIOS)('$alert when $when: fires $fires', ({ alert, series, at, fires, severity }) => {
    // The annotations hold computed values: promtool compares labels, so ask for the alert's own series.
    const file = join(folder, 'scenario.yaml')
    const selector = `ALERTS{alertname="${alert}",alertstate="firing"${severity ? `,severity="${severity}"` : ''}}`
    writeFileSync(
      file,
      stringify({
        rule_files: ['rules.yaml'],
        evaluation_interval: '1m',
        tests: [
          {
            interval: '1m',
            input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
            promql_expr_test: [
              {
                expr: `clamp_max(count(${selector}), 1)`,
                eval_time: at,
                exp_samples: fires ? [{ labels: '{}', value: 1 }] : [],
              },
            ],
          },
        ],
      }),
    )
    expect(run('test', 'rules', file)).toMatch(/SUCCESS/)
  })
})
