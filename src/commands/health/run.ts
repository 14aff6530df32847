// Handles `fnd health`: finds the source, takes readings, judges them, shows them once or live.

import { FndError } from '../../errors/error.ts'
import { takeReadings } from '../../observe/health.ts'
import {
  backendSource,
  backendState,
  type HealthSource,
  prometheusSource,
} from '../../observe/health-source.ts'
import { prometheusClient } from '../../observe/prometheus.ts'
import { judge } from '../../observe/verdict.ts'
import { packageRoot } from '../../package.ts'
import type { Context, Handler, RawOptions } from '../command.ts'
import { stackEndpoints } from '../stack.ts'
import { parseUrl } from '../web-address.ts'
import { parseDemands, parseWindow } from './limits.ts'
import { render } from './render.ts'
import { exitOf, type Report, reportOf } from './report.ts'
import { watch } from './watch.ts'

export const run: Handler = async (_args, options, ctx) => {
  const text = (name: string) => (typeof options[name] === 'string' ? options[name] : undefined)
  const window = parseWindow(text('window') ?? '5m')
  const slo = text('slo')
  const demands = slo === undefined ? {} : parseDemands(slo)
  const settings = await ctx.settings()
  await using found = await findSource(options, ctx)
  const { source, about } = found

  const look = async (windowSeconds: number, instances: boolean): Promise<Report> => {
    const readings = await takeReadings(source, windowSeconds, instances, ctx.signal)
    const report = reportOf(readings, judge(readings, settings.slo, demands), about, ctx.now())
    return { ...report, findings: report.findings.map(withPage) }
  }
  const instances = options.instances === true
  if (options.watch === true) return watch({ look, window, instances, ctx })
  const report = await look(window, instances)
  ctx.out.answer(report, (data, paint) => render(data, paint, ctx.out.columns))
  return exitOf(report)
}

/** Runbooks are named as pages of this package; here they are files that can be opened. */
function withPage(finding: Report['findings'][number]): Report['findings'][number] {
  const mend = finding.mend?.replace(/(?<=see )docs\/runbooks\//i, `${packageRoot}$&`)
  return mend === undefined ? finding : { ...finding, mend }
}

interface Found extends AsyncDisposable {
  source: HealthSource
  about: { stack?: string; url: string; note?: string }
}

/** The flags' addresses, else the stack's; Prometheus where it answers, else the backend with a note. */
async function findSource(options: RawOptions, ctx: Context): Promise<Found> {
  const given = (flag: 'prometheus' | 'backend') =>
    typeof options[flag] === 'string' ? parseUrl('health', flag, options[flag]) : undefined
  const endpoints: { prometheus?: URL | undefined; backend?: URL | undefined } & AsyncDisposable =
    options.prometheus === undefined && options.backend === undefined
      ? await stackEndpoints(ctx)
      : { prometheus: given('prometheus'), backend: given('backend'), [Symbol.asyncDispose]: async () => {} }
  try {
    const { source, about } = await choose(endpoints, ctx)
    const named = options.prometheus === undefined && options.backend === undefined
    const stack = named ? { stack: (await ctx.settings()).name } : {}
    return {
      source,
      about: { ...stack, ...about },
      [Symbol.asyncDispose]: () => endpoints[Symbol.asyncDispose](),
    }
  } catch (error) {
    await endpoints[Symbol.asyncDispose]()
    throw error
  }
}

async function choose(
  { prometheus, backend }: { prometheus?: URL | undefined; backend?: URL | undefined },
  { signal, now }: Pick<Context, 'signal' | 'now'>,
): Promise<Pick<Found, 'source' | 'about'>> {
  const client = prometheus && prometheusClient(prometheus)
  if (client && (!backend || (await client.ready(signal)))) {
    const askBackend = backend && ((signal: AbortSignal) => backendState(backend, signal))
    return { source: prometheusSource(client, now, askBackend), about: { url: prometheus.href } }
  }
  if (!backend) throw new FndError('FND_BACKEND_DOWN', { url: 'the stack', why: 'it does not run' })
  return {
    source: backendSource(backend, now),
    about: {
      url: backend.href,
      note: `${prometheus ? `Prometheus at ${prometheus.href} does not answer` : 'Without Prometheus'}: read from the backend itself, no history, no alerts.`,
    },
  }
}
