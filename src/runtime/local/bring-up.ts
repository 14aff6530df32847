// The actions that bring a local stack up: its folder, its programs, its processes.

import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Paths } from '../../config/paths.ts'
import { type Settings, settingEntries } from '../../config/schema.ts'
import { FndError, isFndError } from '../../errors/error.ts'
import { builtFile } from '../../package.ts'
import { isAlive, signalProcess } from '../identity.ts'
import { choosePorts } from '../ports.ts'
import { findProgram, type Program, type ProgramSearch } from '../programs/find.ts'
import { otherRecords, readRecord, writeRecord } from '../record.ts'
import type { Action, Component, Progress } from '../runtime.ts'
import { readState, writeState } from '../state-file.ts'
import { desiredStack } from './components.ts'
import type { Layout } from './layout.ts'
import { look } from './observe.ts'
import { startsOf } from './starts.ts'
import { type DesiredState, desiredState, observedState } from './state.ts'
import { FOLDER_MARK, takeDown } from './take-down.ts'

export interface LocalSetup {
  layout: Layout
  settings: Settings
  paths: Paths
  env: NodeJS.ProcessEnv
  search: ProgramSearch
}

const POLL_MS = 20
const UNDO_MS = 60_000

/** In order; each confirms what is there already. */
export function bringUp(setup: LocalSetup): Action[] {
  const found: Found = { missing: [] }
  return [
    prepareFolder(setup),
    findFor('prometheus', setup, found),
    findFor('grafana', setup, found),
    startComponents(setup, found),
  ]
}

interface Found {
  prometheus?: Program
  grafana?: Program
  missing: DesiredState['missing']
}

function prepareFolder({ layout, settings, paths }: LocalSetup): Action {
  let made = false
  return {
    id: 'folder',
    title: 'Prepare the folder of the stack',
    run: async () => {
      if (readRecord(paths, settings.name)?.runtime === 'local') return { outcome: 'unchanged' }
      made = !existsSync(layout.folder)
      writeRecord(paths, { name: settings.name, runtime: 'local' })
      return { outcome: 'changed', detail: layout.folder }
    },
    undo: async () => {
      if (made) await takeDown(layout, SILENT, AbortSignal.timeout(UNDO_MS))
    },
  }
}

const MEANING = {
  prometheus: 'no history: `fnd health` reads the backend itself, since its start',
  grafana: 'no dashboards: `fnd health` shows the same in the terminal',
}
const TITLE = { prometheus: 'Prometheus', grafana: 'Grafana' }

function findFor(name: 'prometheus' | 'grafana', { search, settings }: LocalSetup, found: Found): Action {
  return {
    id: `find-${name}`,
    title: `Find ${TITLE[name]}`,
    run: async (progress) => {
      try {
        const program = await findProgram(name, search, progress)
        found[name] = program
        const fetched = program.origin === 'download' || program.origin === 'package'
        return {
          outcome: fetched ? 'changed' : 'unchanged',
          detail: `${program.version ?? 'unknown version'} from ${program.origin}`,
        }
      } catch (error) {
        if (settings.strict || !isFndError(error, 'FND_PROGRAM_MISSING')) throw error
        found.missing.push({ component: name, reason: error.message, mend: error.hint })
        // What mends it stands in the status, and so below the addresses.
        return { outcome: 'degraded', detail: `not found, so ${MEANING[name]}` }
      }
    },
  }
}

function startComponents(setup: LocalSetup, found: Found): Action {
  const { layout, settings } = setup
  let before: DesiredState | undefined
  let touched = false
  let ranBefore = false
  return {
    id: 'start',
    title: 'Start the components',
    run: async (progress, signal) => {
      const seen = look(layout)
      before = seen.desired
      ranBefore = seen.supervised || seen.components.some(({ alive }) => alive)
      const ports = await choosePorts({
        wanted: settings.ports,
        needed: needed(found),
        backendHost: settings.backend.host,
        held: heldPorts(seen),
        others: otherRecords(setup.paths, settings.name),
      })
      writeRecord(setup.paths, { name: settings.name, runtime: 'local', ports })
      const desired = desiredState.parse(
        desiredStack({ ...found, settings, ports, folder: layout.folder, before }),
      )
      const changed = JSON.stringify(desired) !== JSON.stringify(before)
      const well = seen.supervised && seen.components.every(({ alive }) => alive)
      if (!changed && well) return { outcome: 'unchanged', detail: 'all run already' }
      touched = true
      writeState(layout.desired, desired)
      await superviseNow(setup, desired, progress, signal)
      return { outcome: 'changed', detail: startsOf(desired, seen) }
    },
    undo: async () => {
      if (!touched) return
      if (!before) {
        await takeDown(layout, SILENT, AbortSignal.timeout(UNDO_MS))
        return
      }
      writeState(layout.desired, before)
      const supervisor = readState(layout.observed, observedState)?.supervisor
      // Where nothing ran, the supervisor is this run's own, and all that it keeps.
      if (supervisor) signalProcess(supervisor, ranBefore ? 'SIGHUP' : 'SIGTERM')
    },
  }
}

const needed = (found: Found): Component[] => [
  'backend',
  ...(found.prometheus ? (['prometheus'] as const) : []),
  ...(found.grafana ? (['grafana'] as const) : []),
]

/** Ports that living components of this stack hold. */
export function heldPorts({ desired, components }: ReturnType<typeof look>): Map<Component, number> {
  return new Map(
    (desired?.components ?? [])
      .filter((spec) => components.some(({ component, alive }) => alive && component === spec.component))
      .map(({ component, url }) => [component, Number(new URL(url).port)]),
  )
}

/** Tells the supervisor, or starts one; resolves when it has taken up what is desired. */
async function superviseNow(
  setup: LocalSetup,
  desired: DesiredState,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const { layout, settings } = setup
  const known = readState(layout.observed, observedState)?.supervisor
  // It may be stopping already: then another follows it.
  let told = known && signalProcess(known, 'SIGHUP') ? known : undefined
  if (!told) await spawnSupervisor(setup)
  progress.update('waiting for the supervisor')
  const deadline = performance.now() + settings.timeout * 1000
  while (!takenUp(layout, desired)) {
    if (told && !isAlive(told)) {
      told = undefined
      await spawnSupervisor(setup)
    }
    if (performance.now() > deadline)
      throw new FndError('FND_TIMEOUT', {
        what: 'the supervisor',
        seconds: settings.timeout,
        last: look(layout).supervised ? 'it still stops what it replaces' : 'it has not come up',
      })
    await sleep(POLL_MS, undefined, { signal })
  }
}

function takenUp(layout: Layout, desired: DesiredState): boolean {
  const { supervised, components } = look(layout)
  return (
    supervised &&
    components.length === desired.components.length &&
    desired.components.every(({ hash }) => components.some((seen) => seen.hash === hash))
  )
}

async function spawnSupervisor({ layout, paths, env }: LocalSetup): Promise<void> {
  await mkdir(dirname(layout.supervisorLog), { recursive: true, mode: 0o700 })
  const log = await open(layout.supervisorLog, 'a', 0o600)
  try {
    const child = spawn(process.execPath, [builtFile('runtime/local/supervisor-process.js'), layout.folder], {
      cwd: layout.folder,
      env: {
        ...withoutSettings(env),
        // As they are here: relative ones would mean others where it runs.
        FND_CACHE_DIR: paths.cache,
        FND_STATE_DIR: paths.state,
        [FOLDER_MARK]: layout.folder,
      },
      stdio: ['ignore', log.fd, log.fd],
      detached: true,
    })
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve).once('error', reject)
    })
    child.unref()
  } finally {
    await log.close()
  }
}

/** The components get their settings from the stack, not from the shell that happened to start it. */
function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const settings = new Set(['FND_CONFIG', ...settingEntries().map((entry) => entry.env)])
  return Object.fromEntries(Object.entries(env).filter(([name]) => !settings.has(name)))
}

const SILENT: Progress = { update: () => {} }
