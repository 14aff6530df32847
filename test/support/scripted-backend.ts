// A stand-in for the backend's /metrics: the real names and buckets, with values that a scenario dictates.

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import {
  CONFIDENCE_BUCKETS,
  LATENCY_BUCKETS,
  METRIC,
  PROCESS_METRIC,
  TOKEN_BUCKETS,
} from '../../src/service/metric-names.ts'

/** What one request of the scenario did. */
export interface Request {
  status?: number
  route?: string
  /** Seconds of each stage; their sum is the latency. */
  stages?: { tokenize: number; queue: number; inference: number }
  label?: 'Fake' | 'Real' | 'Uncertain'
  confidence?: number
  tokens?: number
}

export interface Reference {
  labels: Record<string, number>
  /** One of each text. */
  confidence: readonly number[]
  tokens: readonly number[]
}

export class ScriptedBackend implements AsyncDisposable {
  readonly #registry = new Registry()
  readonly #requests = this.#counter(METRIC.httpRequests, ['method', 'route', 'status'])
  readonly #duration = this.#histogram(METRIC.httpDuration, LATENCY_BUCKETS, ['method', 'route', 'status'])
  readonly #latency = this.#histogram(METRIC.predictionLatency, LATENCY_BUCKETS)
  readonly #stage = this.#histogram(METRIC.predictionStage, LATENCY_BUCKETS, ['stage'])
  readonly #predictions = this.#counter(METRIC.predictions, ['label'])
  readonly #confidence = this.#histogram(METRIC.predictionConfidence, CONFIDENCE_BUCKETS, ['label'])
  readonly #versionPredictions = this.#counter(METRIC.versionPredictions, ['version', 'role', 'label'])
  readonly #versionLatency = this.#histogram(METRIC.versionLatency, LATENCY_BUCKETS, ['version', 'role'])
  readonly #shadowTexts = this.#counter(METRIC.shadowTexts, ['version', 'outcome'])
  readonly #version: string
  readonly #tokens = this.#histogram(METRIC.predictionTokens, TOKEN_BUCKETS)
  readonly #windows = this.#histogram(METRIC.predictionWindows, [1, 2, 4, 8])
  readonly #rejected = this.#counter(METRIC.rejected, ['reason'])
  readonly #cpu = this.#counter(PROCESS_METRIC.cpu)
  readonly #throttled = this.#counter(PROCESS_METRIC.cpuThrottled)
  readonly #gc = this.#histogram(PROCESS_METRIC.gc, [0.01, 0.1], ['kind'])
  readonly #restarts = this.#counter(METRIC.workerRestarts)
  readonly #gauges = new Map<string, Gauge>()
  #server: Server | undefined
  /** When false, scrapes are refused. */
  up = true

  constructor({ version = '0.1.0' } = {}) {
    this.#version = version
    this.set(PROCESS_METRIC.startTime, Date.now() / 1000)
    this.set(PROCESS_METRIC.memory, 200e6)
    this.set(PROCESS_METRIC.heapUsed, 40e6)
    this.set(PROCESS_METRIC.memoryLimit, 400e6)
    this.set(PROCESS_METRIC.cpuLimit, 2)
    this.set(PROCESS_METRIC.eventLoopP99, 0.011)
    this.set(METRIC.queueDepth, 0)
    this.set(METRIC.queueCapacity, 64)
    this.set(METRIC.modelReady, 1)
    this.set(METRIC.workers, 2, { state: 'ready' })
    this.set(METRIC.modelInfo, 1, { name: 'fnd-base', version, sha256: 'abcdef012345' })
    for (const status of ['200', '400', '500', '503'])
      this.#requests.inc({ method: 'POST', route: '/predict', status }, 0)
    for (const label of ['Fake', 'Real', 'Uncertain']) this.#predictions.inc({ label }, 0)
    for (const reason of ['queue_full', 'deadline', 'draining', 'invalid']) this.#rejected.inc({ reason }, 0)
    this.#gc.observe({ kind: 'minor' }, 0.001)
    this.set(METRIC.canaryShare, 0, {
      name: 'fnd-base',
      version: '0.9.0',
      sha256: 'fedcba',
      mode: 'shadow',
    })
    for (const outcome of ['agreed', 'disagreed', 'dropped', 'failed'])
      this.#shadowTexts.inc({ version: '0.9.0', outcome }, 0)
  }

  /** Sets a gauge. */
  set(name: string, value: number, labels: Record<string, string> = {}): void {
    let gauge = this.#gauges.get(name)
    if (!gauge) {
      gauge = new Gauge({ name, help: name, labelNames: Object.keys(labels), registers: [this.#registry] })
      this.#gauges.set(name, gauge)
    }
    gauge.set(labels, value)
  }

  /** Counts a request, and its prediction when it was answered. */
  request({
    status = 200,
    route = '/predict',
    stages,
    label = 'Real',
    confidence = 0.9,
    tokens = 100,
  }: Request = {}): void {
    const { tokenize, queue, inference } = stages ?? { tokenize: 0.001, queue: 0.001, inference: 0.01 }
    const latency = tokenize + queue + inference
    const labels = { method: 'POST', route, status: String(status) }
    this.#requests.inc(labels)
    this.#duration.observe(labels, latency)
    if (status === 503) this.#rejected.inc({ reason: 'queue_full' })
    if (status === 400) this.#rejected.inc({ reason: 'invalid' })
    if (status !== 200 || !route.startsWith('/predict')) return
    this.#latency.observe(latency)
    this.#stage.observe({ stage: 'tokenize' }, tokenize)
    this.#stage.observe({ stage: 'queue' }, queue)
    this.#stage.observe({ stage: 'inference' }, inference)
    this.#predictions.inc({ label })
    const part = { version: this.#version, role: 'serving' }
    this.#versionPredictions.inc({ ...part, label })
    this.#versionLatency.observe(part, latency)
    // The shadow takes everything for real.
    this.#shadowTexts.inc({ version: '0.9.0', outcome: label === 'Real' ? 'agreed' : 'disagreed' })
    this.#confidence.observe({ label }, confidence)
    this.#tokens.observe(tokens)
    this.#windows.observe(Math.ceil(tokens / 256))
  }

  /** States what the bundle answered on its reference texts. */
  reference({ labels, confidence, tokens }: Reference): void {
    for (const [label, share] of Object.entries(labels)) this.set(METRIC.referenceLabels, share, { label })
    const state = (name: string, edges: readonly number[], values: readonly number[]) => {
      const histogram = this.#histogram(name, edges)
      for (const value of values) histogram.observe(value)
    }
    state(METRIC.referenceConfidence, CONFIDENCE_BUCKETS, confidence)
    state(METRIC.referenceTokens, TOKEN_BUCKETS, tokens)
  }

  /** Seconds spent collecting garbage. */
  collected(seconds: number): void {
    this.#gc.observe({ kind: 'minor' }, seconds)
  }

  /** Seconds of CPU used, and of throttling suffered. */
  work(cpu: number, throttled = 0): void {
    this.#cpu.inc(cpu)
    this.#throttled.inc(throttled)
  }

  workerDied(): void {
    this.#restarts.inc()
  }

  page(): Promise<string> {
    return this.#registry.metrics()
  }

  /** Listens on 127.0.0.1 and returns its base address. */
  async listen(): Promise<URL> {
    this.#server = createServer(async (request, response) => {
      if (!this.up || request.url !== '/metrics') return response.writeHead(this.up ? 404 : 503).end()
      return response.writeHead(200, { 'content-type': this.#registry.contentType }).end(await this.page())
    })
    const server = this.#server
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server?.closeAllConnections()
    await new Promise((resolve) => (this.#server ? this.#server.close(resolve) : resolve(undefined)))
  }

  #counter(name: string, labelNames: string[] = []): Counter {
    return new Counter({ name, help: name, labelNames, registers: [this.#registry] })
  }

  #histogram(name: string, buckets: readonly number[], labelNames: string[] = []): Histogram {
    return new Histogram({ name, help: name, labelNames, buckets: [...buckets], registers: [this.#registry] })
  }
}
