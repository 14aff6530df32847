// Handles `fnd report`: reads the range, judges it, writes the page or shows the summary.

import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Settings } from '../../config/schema.ts'
import { FndError, messageOf } from '../../errors/error.ts'
import { EXIT } from '../../errors/exit.ts'
import { CATALOGUE } from '../../observe/catalogue.ts'
import { judgeHistory } from '../../observe/hindsight.ts'
import { readHistory, type Span } from '../../observe/history.ts'
import { prometheusClient } from '../../observe/prometheus.ts'
import { runbookOf } from '../../observe/rules.ts'
import { thresholdOf } from '../../observe/thresholds.ts'
import type { Context, Handler } from '../command.ts'
import { prometheusAddress } from '../stack.ts'
import type { Report } from './answer.ts'
import { page } from './page.ts'
import { parseRange } from './range.ts'
import { render } from './render.ts'

/** A month of every entry is more work for Prometheus than the present minute. */
const DEADLINE_MS = 60_000

export const run: Handler = async (_args, options, ctx) => {
  const settings = await ctx.settings()
  const output = typeof options.output === 'string' ? options.output : undefined
  if (output === '-' && ctx.out.json) {
    throw new FndError('FND_USAGE', {
      problem: '--output - and --json both want stdout',
      command: 'report',
    })
  }
  const span = parseRange(options, ctx.now())
  await using address = await prometheusAddress('report', options, ctx)
  const stack = typeof options.prometheus === 'string' ? {} : { stack: settings.name }
  const report = { ...stack, ...(await read(address.url, span, settings, ctx)) }
  if (output === '-') {
    ctx.out.raw(await page(report))
    return EXIT.good
  }
  if (output !== undefined) await writePage(resolve(ctx.cwd, output), await page(report))
  ctx.out.answer(report, (data, paint) => render(data, paint, ctx.out.columns))
  if (output !== undefined) ctx.out.say(`The page is in ${output}`)
  return EXIT.good
}

async function read(url: URL, span: Span, settings: Settings, ctx: Context): Promise<Omit<Report, 'stack'>> {
  const { slo, prometheus } = settings
  const client = prometheusClient(url, DEADLINE_MS)
  const [history, version] = await Promise.all([
    readHistory(client, span, { slo, scrapeInterval: prometheus.scrapeInterval }, ctx.signal),
    client.version(ctx.signal),
  ])
  const { panels, alerts, ...rest } = history
  return {
    at: new Date(ctx.now()).toISOString(),
    prometheus: { url: url.origin + url.pathname, version },
    ...judgeHistory(history, slo),
    ...rest,
    sloWindow: slo.window,
    alerts: alerts.map((alert) => ({ ...alert, runbook: runbookOf(alert.name) })),
    panels: panels.map(({ name, ...data }) => {
      const { queries: _, threshold: __, ...panel } = CATALOGUE[name]
      const threshold = thresholdOf(name, slo)
      return { ...panel, ...(threshold ? { threshold } : {}), ...data }
    }),
  }
}

async function writePage(path: string, html: string): Promise<void> {
  await writeFile(path, html).catch((error: unknown) => {
    throw new FndError('FND_FILE_UNWRITABLE', { path, why: messageOf(error) }, { cause: error })
  })
}
