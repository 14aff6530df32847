// Runs `fnd check`: every result as it comes, then the verdict.

import { preflight } from '../../checks/preflight.ts'
import { soundness } from '../../checks/soundness.ts'
import { EXIT } from '../../errors/exit.ts'
import { openRuntime, openWhereItStands } from '../../runtime/open.ts'
import type { CheckResult } from '../../runtime/runtime.ts'
import type { Handler } from '../command.ts'
import type { CheckAnswer } from './answer.ts'
import { renderResult, renderVerdict } from './render.ts'

export const run: Handler = async (
  _args,
  options,
  { out, env, paths, settings: load, signal, nodeVersion, now },
) => {
  const settings = await load()
  const before = options.before === true
  const runtime = await (before ? openRuntime : openWhereItStands)({ settings, paths, env }, signal)
  const up = !before && (await runtime.status(signal)).state !== 'absent'
  out.say(
    up
      ? `Checking the stack '${settings.name}' (${runtime.name}: ${runtime.why})`
      : `Checking whether the stack '${settings.name}' can be brought up (${runtime.name}: ${runtime.why})`,
  )

  const results: CheckResult[] = []
  const world = { settings, paths, runtime, nodeVersion, now }
  for await (const result of up ? soundness(world, signal) : preflight(world, signal)) {
    const first = results.at(-1)?.group !== result.group
    results.push(result)
    if (!out.json) out.raw(`${renderResult(out.named(result), first, out.paint, out.columns)}\n`)
  }
  const answer: CheckAnswer = {
    phase: up ? 'after' : 'before',
    passed: !results.some((result) => result.outcome === 'fail'),
    results: results.map(({ error: _, ...result }) => result),
  }
  out.answer(answer, (_, paint) => renderVerdict(results, paint))
  return answer.passed ? EXIT.good : EXIT.unhealthy
}
