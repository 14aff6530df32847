// The real Prometheus, scraping what a test names, in a folder of its own.

import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { stringify } from 'yaml'
import { prometheusProgram } from './debian-prometheus.ts'
import { freePort } from './free-port.ts'

export interface PrometheusServer extends AsyncDisposable {
  url: URL
}

/**
 * Starts Prometheus, which scrapes and evaluates every `interval` seconds, and waits until it is ready.
 *
 * @param data A folder with blocks to serve; one of its own when absent.
 */
export async function startPrometheus(
  targets: readonly URL[],
  rules = 'groups: []',
  data?: string,
  interval = 1,
): Promise<PrometheusServer> {
  const program = prometheusProgram('prometheus')
  if (!program) throw new Error('prometheus can be neither found nor fetched')
  const folder = mkdtempSync(join(tmpdir(), 'fnd-prometheus-'))
  const port = await freePort()
  writeFileSync(join(folder, 'rules.yaml'), rules)
  writeFileSync(
    join(folder, 'prometheus.yaml'),
    stringify({
      global: {
        scrape_interval: `${interval}s`,
        scrape_timeout: `${interval}s`,
        evaluation_interval: '1s',
      },
      rule_files: ['rules.yaml'],
      scrape_configs: [
        { job_name: 'backend', static_configs: [{ targets: targets.map((url) => url.host) }] },
        { job_name: 'prometheus', static_configs: [{ targets: [`127.0.0.1:${port}`] }] },
      ],
    }),
  )
  const child = spawn(
    program,
    [
      `--config.file=${join(folder, 'prometheus.yaml')}`,
      `--storage.tsdb.path=${data ?? join(folder, 'data')}`,
      // What a test stores may be older than the default of 15 days.
      '--storage.tsdb.retention.time=10y',
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: 'ignore' },
  )
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const url = new URL(`http://127.0.0.1:${port}/`)
  const stop = async () => {
    child.kill('SIGTERM')
    await ended
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await untilReady(url)
  } catch (error) {
    await stop()
    throw error
  }
  return { url, [Symbol.asyncDispose]: stop }
}

async function untilReady(url: URL): Promise<void> {
  const deadline = Date.now() + 30_000
  while (Date.now() < deadline) {
    const ready = await fetch(new URL('-/ready', url)).then(
      (response) => response.ok,
      () => false,
    )
    if (ready) return
    await sleep(100)
  }
  throw new Error('Prometheus was not ready within 30 s')
}
