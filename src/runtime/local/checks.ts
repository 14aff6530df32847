// Pre-flight and after-flight of a local stack, as data for `fnd check` and `fnd up`.

import type { Paths } from '../../config/paths.ts'
import type { Settings } from '../../config/schema.ts'
import { isFndError, toFndError } from '../../errors/error.ts'
import { choosePorts, portsTitle } from '../ports.ts'
import { lookUp, type ProgramSearch } from '../programs/find.ts'
import { type ProgramName, RELEASES } from '../programs/releases.ts'
import { otherRecords } from '../record.ts'
import { type CheckResult, COMPONENTS } from '../runtime.ts'
import { heldPorts } from './bring-up.ts'
import type { Layout } from './layout.ts'
import { look, observeStatus } from './observe.ts'
import { probe } from './probe.ts'

export interface BeforeSetup {
  paths: Paths
  layout: Layout
  settings: Settings
  search: ProgramSearch
}

/** Can the stack come up here? Fails only on what really stands in the way. */
export async function* beforeChecks(setup: BeforeSetup): AsyncGenerator<CheckResult> {
  const { paths, layout, settings, search } = setup
  const seen = look(layout)
  const grafana = await programCheck('grafana', search)
  const others = otherRecords(paths, settings.name)
  const withoutGrafana = COMPONENTS.filter((component) => component !== 'grafana')
  for (const needed of grafana.outcome === 'pass' ? [COMPONENTS] : [withoutGrafana, ['grafana'] as const]) {
    const optional = needed.length === 1
    const result: CheckResult = {
      group: 'ports',
      title: portsTitle(settings.ports, needed),
      outcome: 'pass',
    }
    try {
      await choosePorts({ wanted: settings.ports, needed, held: heldPorts(seen), others })
      yield result
    } catch (thrown) {
      const error = toFndError(thrown)
      yield {
        ...result,
        outcome: optional ? 'warn' : 'fail',
        detail: error.message,
        mend: error.hint,
        error,
      }
    }
  }
  yield await programCheck('prometheus', search)
  yield grafana
}

/** Is the running stack sound? */
export async function* afterChecks(layout: Layout, name: string): AsyncGenerator<CheckResult> {
  const status = await observeStatus(layout, name)
  const { supervised } = look(layout)
  yield {
    group: 'stack',
    title: `the stack '${name}' is up`,
    outcome: status.state === 'absent' ? 'fail' : 'pass',
    ...(status.state === 'absent' && { detail: 'nothing runs', mend: 'Run `fnd up`' }),
  }
  if (status.state === 'absent') return
  yield {
    group: 'stack',
    title: 'the supervisor runs',
    outcome: supervised ? 'pass' : 'fail',
    ...(!supervised && { detail: 'its process is gone', mend: 'Run `fnd up`' }),
  }
  for (const { component, state, reason } of status.components) {
    yield {
      group: 'stack',
      title: `${component} answers`,
      outcome: state === 'running' ? 'pass' : state === 'missing' ? 'warn' : 'fail',
      ...(reason && { detail: reason }),
      ...(state !== 'running' && {
        mend: state === 'missing' ? '`fnd status` says what brings it' : `Read \`fnd logs ${component}\``,
      }),
    }
  }
  const prometheus = status.components.find(({ component }) => component === 'prometheus')
  if (prometheus?.state !== 'running' || !prometheus.url) return
  const targets = await probe(new URL('/api/v1/targets?state=active', prometheus.url), { patience: 2000 })
  const scrapes = targets?.body.includes('"health":"up"')
  yield {
    group: 'stack',
    title: 'Prometheus scrapes the backend',
    outcome: scrapes ? 'pass' : targets?.body.includes('"health":"unknown"') ? 'warn' : 'fail',
    ...(!scrapes && {
      detail: 'no scrape has succeeded',
      mend: 'Wait for one scrape interval, then read `fnd logs prometheus`',
    }),
  }
}

async function programCheck(name: ProgramName, search: ProgramSearch): Promise<CheckResult> {
  const { title } = RELEASES[name]
  const result: CheckResult = { group: 'programs', title: `${title} is here`, outcome: 'pass' }
  try {
    const { program } = await lookUp(name, search)
    return program
      ? { ...result, detail: `${program.version ?? 'unknown version'} from ${program.origin}` }
      : {
          ...result,
          outcome: 'warn',
          detail: 'not on this machine',
          mend: '`fnd up` looks for it and fetches it',
        }
  } catch (error) {
    if (!isFndError(error, 'FND_PROGRAM_UNUSABLE')) throw error
    return { ...result, outcome: 'fail', detail: error.message, mend: error.hint, error }
  }
}
