// Pre-flight and after-flight of a local stack, as data for `fnd check` and `fnd up`.

import { type Check, runGroup } from '../../checks/check.ts'
import { isUp, untilTargets } from '../../checks/targets.ts'
import type { Paths } from '../../config/paths.ts'
import type { Settings } from '../../config/schema.ts'
import { messageOf } from '../../errors/error.ts'
import { prometheusClient } from '../../observe/prometheus.ts'
import { choosePorts, portsTitle } from '../ports.ts'
import { lookUp, type ProgramSearch } from '../programs/find.ts'
import { RELEASES } from '../programs/releases.ts'
import { otherRecords } from '../record.ts'
import { type CheckResult, USUAL_COMPONENTS } from '../runtime.ts'
import { heldPorts } from './bring-up.ts'
import type { Layout } from './layout.ts'
import { look, observeStatus } from './observe.ts'

export interface BeforeSetup {
  paths: Paths
  layout: Layout
  settings: Settings
  search: ProgramSearch
}

/** Can the stack come up here? Fails only on what really stands in the way. */
export async function* beforeChecks(setup: BeforeSetup): AsyncGenerator<CheckResult> {
  const { paths, layout, settings, search } = setup
  const found = new Set<string>()
  const programs = (['prometheus', 'grafana'] as const).map(
    (name): Check => ({
      title: `the program ${RELEASES[name].title}`,
      mend: '`fnd up` looks for it and fetches it',
      look: async () => {
        const { program } = await lookUp(name, search)
        if (!program) return { outcome: 'warn', detail: 'not on this machine' }
        found.add(name)
        return { detail: `${program.version ?? 'unknown version'} from ${program.origin}` }
      },
    }),
  )
  yield* runGroup({ name: 'programs', checks: programs }, search.signal)
  const held = heldPorts(look(layout))
  const others = otherRecords(paths, settings.name)
  const withoutGrafana = USUAL_COMPONENTS.filter((component) => component !== 'grafana')
  const ports = (found.has('grafana') ? [USUAL_COMPONENTS] : [withoutGrafana, ['grafana'] as const]).map(
    (needed): Check => ({
      title: portsTitle(settings.ports, needed),
      mend: 'Choose other ports: --port-backend, --port-prometheus, --port-grafana',
      look: async () => {
        try {
          await choosePorts({
            wanted: settings.ports,
            needed,
            backendHost: settings.backend.host,
            held,
            others,
          })
          return {}
        } catch (error) {
          // The stack comes up without Grafana where that is not to be had.
          if (needed.length > 1) throw error
          return { outcome: 'warn', detail: messageOf(error) }
        }
      },
    }),
  )
  yield* runGroup({ name: 'ports', checks: ports }, search.signal)
}

/** Is the running stack sound? */
export async function* afterChecks(
  layout: Layout,
  settings: Settings,
  signal: AbortSignal,
): AsyncGenerator<CheckResult> {
  const { name } = settings
  const status = await observeStatus(layout, name)
  const { supervised, desired } = look(layout)
  const prometheus = status.components.find(
    ({ component, state }) => component === 'prometheus' && state === 'running',
  )?.url
  const checks: Check[] = [
    {
      title: `the stack '${name}' is up`,
      fatal: true,
      mend: 'Run `fnd up`',
      look: async () => {
        if (status.state === 'absent') throw new Error('nothing runs')
        return {}
      },
    },
    {
      title: 'the supervisor runs',
      mend: 'Run `fnd up`',
      look: async () => {
        if (!supervised) throw new Error('its process is gone')
        return {}
      },
    },
    ...status.components.map(
      ({ component, state, reason }): Check => ({
        title: `${component} answers`,
        mend:
          state === 'missing'
            ? (desired?.missing.find((one) => one.component === component)?.mend ?? '')
            : `Read \`fnd logs ${component}\``,
        look: async () => {
          if (state === 'missing') return { outcome: 'warn', ...(reason && { detail: reason }) }
          if (state !== 'running') throw new Error(reason ?? state)
          return {}
        },
      }),
    ),
  ]
  if (prometheus)
    checks.push({
      title: 'Prometheus scrapes the backend',
      mend: 'Read `fnd logs prometheus`',
      look: async () => {
        const { scrapeInterval } = settings.prometheus
        await untilTargets(
          { prometheus: prometheusClient(new URL(prometheus)), scrapeInterval },
          (targets) => (targets.some(isUp) ? undefined : targets[0]?.lastError || 'no scrape has succeeded'),
          signal,
        )
        return {}
      },
    })
  yield* runGroup({ name: 'stack', checks }, signal)
}
