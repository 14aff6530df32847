// A past for a real Prometheus: what scrapes of a scripted backend would have stored, written as blocks by promtool.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseExposition } from '../../src/observe/exposition.ts'
import { prometheusProgram } from './debian-prometheus.ts'
import { type PrometheusServer, startPrometheus } from './prometheus-server.ts'
import type { ScriptedBackend } from './scripted-backend.ts'

type Labels = Record<string, string>

/** Collects samples with their times; the labels of the backend's target are added to each page. */
export class Past {
  readonly #lines: string[] = []

  /** One sample; `time` in seconds since 1970. */
  sample(name: string, labels: Labels, value: number, time: number): void {
    const inside = Object.entries(labels).map(([key, text]) => `${key}=${JSON.stringify(text)}`)
    const shown = Number.isFinite(value) ? String(value) : value > 0 ? '+Inf' : 'NaN'
    this.#lines.push(`${name}{${inside.join(',')}} ${shown} ${time}`)
  }

  /** One successful scrape of a backend. */
  async scrape(backend: ScriptedBackend, time: number, instance = '127.0.0.1:8000'): Promise<void> {
    const target = { job: 'backend', instance }
    for (const { name, labels, value } of parseExposition(await backend.page()))
      this.sample(name, { ...labels, ...target }, value, time)
    this.sample('up', target, 1, time)
    this.sample('scrape_duration_seconds', target, 0.006, time)
  }

  /** A Prometheus that has all of it stored and goes on to evaluate the rules; it scrapes nothing but itself. */
  async serve(rules?: string): Promise<PrometheusServer> {
    const promtool = prometheusProgram('promtool')
    if (!promtool) throw new Error('promtool can be neither found nor fetched')
    const folder = mkdtempSync(join(tmpdir(), 'fnd-past-'))
    const remove = () => rmSync(folder, { recursive: true, force: true })
    try {
      writeFileSync(join(folder, 'past'), `${this.#lines.join('\n')}\n# EOF\n`)
      const blocks = ['tsdb', 'create-blocks-from', 'openmetrics', 'past', 'data']
      execFileSync(promtool, blocks, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
      const server = await startPrometheus([], rules, join(folder, 'data'))
      return {
        url: server.url,
        [Symbol.asyncDispose]: async () => {
          await server[Symbol.asyncDispose]()
          remove()
        },
      }
    } catch (error) {
      remove()
      throw error
    }
  }
}
