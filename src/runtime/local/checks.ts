// Pre-flight and after-flight of a local stack, as data for `fnd check` and `fnd up`.

import { constants } from 'node:fs'
import { access, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Paths } from '../../config/paths.ts'
import type { Settings } from '../../config/schema.ts'
import { FndError, isFndError, messageOf, toFndError } from '../../errors/error.ts'
import { bytes } from '../../output/format.ts'
import { choosePorts } from '../ports.ts'
import { lookUp, type ProgramSearch } from '../programs/find.ts'
import { type ProgramName, RELEASES } from '../programs/versions.ts'
import { type CheckResult, COMPONENTS } from '../runtime.ts'
import { heldPorts } from './bring-up.ts'
import type { Layout } from './layout.ts'
import { look, observeStatus } from './observe.ts'
import { probe } from './probe.ts'

export interface BeforeSetup {
  layout: Layout
  settings: Settings
  paths: Paths
  search: ProgramSearch
}

/** Prometheus with its archive and package lists, unpacked, is well below this. */
const FREE_BYTES = 500 * 1024 * 1024

/** Can the stack come up here? Fails only on what really stands in the way. */
export async function* beforeChecks(setup: BeforeSetup): AsyncGenerator<CheckResult> {
  const { layout, settings, paths, search } = setup
  yield await folderCheck('state folder', paths.state)
  yield await folderCheck('cache folder', paths.cache)
  yield await spaceCheck(paths.cache)
  yield await modelCheck(settings.model)
  const seen = look(layout)
  const grafana = await programCheck('grafana', search)
  for (const component of COMPONENTS) {
    const optional = component === 'grafana' && grafana.outcome !== 'pass'
    const result: CheckResult = {
      group: 'ports',
      title: `port ${settings.ports[component]} for ${component} is free or ours`,
      outcome: 'pass',
    }
    try {
      await choosePorts(settings.ports, [component], heldPorts(seen))
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
        mend: state === 'missing' ? 'Run `fnd up`' : `Read \`fnd logs ${component}\``,
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

/** The folder, or the nearest one above that exists, must let us in. */
async function folderCheck(what: string, folder: string): Promise<CheckResult> {
  const result: CheckResult = { group: 'machine', title: `${what} can be written`, outcome: 'pass' }
  try {
    await access(await nearest(folder), constants.W_OK | constants.X_OK)
    return result
  } catch (cause) {
    const error = new FndError('FND_FILE_UNWRITABLE', { path: folder, why: messageOf(cause) }, { cause })
    return { ...result, outcome: 'fail', detail: error.message, mend: error.hint, error }
  }
}

async function spaceCheck(folder: string): Promise<CheckResult> {
  const { bavail, bsize } = await statfs(await nearest(folder))
  const free = bavail * bsize
  const result: CheckResult = {
    group: 'machine',
    title: 'there is room on the disk',
    outcome: 'pass',
    detail: `${bytes(free)} free`,
  }
  return free >= FREE_BYTES
    ? result
    : { ...result, outcome: 'warn', mend: `Free some space, or choose another place (FND_CACHE_DIR)` }
}

async function nearest(folder: string): Promise<string> {
  for (let at = folder; ; at = dirname(at)) {
    try {
      await access(at, constants.F_OK)
      return at
    } catch (error) {
      if (at === dirname(at)) throw error
    }
  }
}

async function modelCheck(place: string): Promise<CheckResult> {
  const result: CheckResult = {
    group: 'model',
    title: 'the model bundle matches its manifest',
    outcome: 'pass',
  }
  try {
    const { loadBundle } = await import('../../detector/bundle.ts')
    const { identity } = await loadBundle(place)
    return { ...result, detail: `${identity.name} ${identity.version}` }
  } catch (thrown) {
    const error = toFndError(thrown)
    return { ...result, outcome: 'fail', detail: error.message, mend: error.hint, error }
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
