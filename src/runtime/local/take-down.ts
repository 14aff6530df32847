// Takes a local stack down: supervisor first, then whatever it left, then the folder. Safe to repeat.

import { existsSync } from 'node:fs'
import { readdir, readFile, rm } from 'node:fs/promises'
import { FndError, messageOf } from '../../errors/error.ts'
import { type Identity, identify, isAlive } from '../identity.ts'
import type { DownResult, Progress } from '../runtime.ts'
import { readState } from '../state-file.ts'
import type { Layout } from './layout.ts'
import { look } from './observe.ts'
import { observedState } from './state.ts'
import { terminate } from './terminate.ts'

/** How long a component may take where nothing says otherwise, in seconds. */
const GRACE_SECONDS = 10

/**
 * Ends every process of the stack and removes its folder, which stays as long as one of them lives.
 *
 * @throws FndError FND_TIMEOUT when one outlives SIGKILL, FND_FILE_UNWRITABLE; AbortError.
 */
export async function takeDown(layout: Layout, progress: Progress, signal: AbortSignal): Promise<DownResult> {
  if (!existsSync(layout.folder)) return { removed: [] }
  const removed: string[] = []
  const end = async (process: Identity, grace: number, what: string) => {
    if (!(await terminate(process, grace, signal)))
      throw new FndError('FND_TIMEOUT', {
        what: `the end of ${what}`,
        seconds: grace,
        last: 'it lives on after SIGKILL',
      })
    removed.push(what)
  }
  const { desired, components } = look(layout)
  const graceOf = (component: string) =>
    desired?.components.find((spec) => spec.component === component)?.grace ?? GRACE_SECONDS
  const supervisor = readState(layout.observed, observedState)?.supervisor
  if (supervisor && isAlive(supervisor)) {
    progress.update('stopping the components')
    const longest = Math.max(0, ...(desired?.components ?? []).map(({ grace }) => grace))
    await end(supervisor, longest + GRACE_SECONDS, `supervisor (process ${supervisor.pid})`)
  }
  for (const { component, process, alive } of components) {
    if (!alive || !process) continue
    progress.update(`stopping ${component}`)
    await end(process, graceOf(component), `${component} (process ${process.pid})`)
  }
  for (const stray of await strays(layout.folder))
    await end(stray, GRACE_SECONDS, `process ${stray.pid}, which was not on record`)
  try {
    await rm(layout.folder, { recursive: true, force: true, maxRetries: 3 })
  } catch (cause) {
    throw new FndError('FND_FILE_UNWRITABLE', { path: layout.folder, why: messageOf(cause) }, { cause })
  }
  removed.push(`folder ${layout.folder}`)
  return { removed }
}

/** The variable that marks every process of a stack with its folder. */
export const FOLDER_MARK = 'FND_STACK_FOLDER'

/** Marked processes that no record names, as after a damaged state file; Linux only. */
async function strays(folder: string): Promise<Identity[]> {
  const pids = (await readdir('/proc').catch((): string[] => [])).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(
    pids.map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
      return environment.split('\0').includes(`${FOLDER_MARK}=${folder}`) ? identify(Number(pid)) : undefined
    }),
  )
  return found.filter((one) => one !== undefined)
}
