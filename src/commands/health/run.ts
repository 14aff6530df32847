// Handles `fnd health`: finds the source, takes readings, judges them, shows them once or live.

import { takeReadings } from '../../observe/health.ts'
import { judge } from '../../observe/verdict.ts'
import { packageRoot } from '../../package.ts'
import type { Handler } from '../command.ts'
import { metricsSource } from '../metrics-source.ts'
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
  await using found = await metricsSource('health', options, ctx)
  const { source, about } = found

  const look = async (windowSeconds: number, instances: boolean): Promise<Report> => {
    const readings = await takeReadings(source, windowSeconds, instances, ctx.signal)
    const report = reportOf(readings, judge(readings, settings.slo, demands), about, ctx.now())
    return ctx.out.named({ ...report, findings: report.findings.map(withPage) })
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
