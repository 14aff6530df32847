// Keeps one component running: starts or adopts it, watches it, starts it again with growing pauses.

import { spawn } from 'node:child_process'
import { appendFileSync, closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from '../../errors/error.ts'
import { type Identity, identify, isAlive } from '../identity.ts'
import type { Layout } from './layout.ts'
import { rotate } from './log-files.ts'
import { probe } from './probe.ts'
import type { ComponentSpec, ObservedComponent } from './state.ts'
import { terminate } from './terminate.ts'

export interface Keeper {
  readonly spec: ComponentSpec
  readonly observed: ObservedComponent
  /** Ends a pause before the next start. */
  wake(): void
  /** Ends the component; resolves when it is gone. */
  stop(): Promise<void>
}

export interface KeeperSetup {
  layout: Layout
  /** The environment that a component's own is laid over. */
  env: NodeJS.ProcessEnv
  /** Called after each change of `observed`, before anything else happens; never throws. */
  changed: () => void
}

const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 30_000
/** What ran this long was well: the next pause is the first again. */
const SETTLED_MS = 60_000
const START_PROBE_MS = 100
const PROBE_MS = 3000
const PROBE_PATIENCE_MS = 5000
const FAILED_PROBES = 3
/** One that has not answered yet has nothing to finish. */
const STARTING_GRACE_SECONDS = 3
/** A component that has not answered once by then is started again. */
const START_PATIENCE_MS = 120_000
const ADOPTED_POLL_MS = 250
const END_RETRY_MS = 1000

/** Begins to keep the component; `before` is what an earlier supervisor knew of it. */
export function keep(spec: ComponentSpec, before: ObservedComponent | undefined, setup: KeeperSetup): Keeper {
  const { layout, changed } = setup
  const stopping = new AbortController()
  let pausing = new AbortController()
  let observed: ObservedComponent = {
    component: spec.component,
    hash: spec.hash,
    state: 'starting',
    restarts: before?.restarts ?? 0,
  }
  const report = (change: Partial<ObservedComponent>) => {
    observed = { ...observed, ...change }
    changed()
  }
  const say = (text: string) => {
    try {
      appendFileSync(layout.log(spec.component), `[fnd] ${text}\n`, { mode: 0o600 })
    } catch {
      // A full disk must not end what keeps the component.
    }
  }

  const run = async () => {
    let adopted = before?.process && isAlive(before.process) ? before : undefined
    if (adopted?.process && adopted.hash !== spec.hash) {
      await end(adopted.process, spec.grace)
      adopted = undefined
    } else if (before?.process && !adopted) {
      report({ restarts: observed.restarts + 1, reason: 'it was gone when the supervisor came back' })
    }
    let failures = 0
    while (!stopping.signal.aborted) {
      const startedAt = adopted?.startedAt ?? Date.now()
      let reason: string
      let running: RunningProcess | undefined
      try {
        running = adopted?.process ? adoptProcess(adopted.process) : startProcess(spec, setup)
        adopted = undefined
        report({ process: running.identity, state: 'starting', startedAt })
        reason = await watch(running, spec, layout, stopping.signal, () => report({ state: 'running' }))
      } catch (error) {
        reason = messageOf(error)
      }
      if (running)
        await end(running.identity, observed.state === 'running' ? spec.grace : STARTING_GRACE_SECONDS)
      if (stopping.signal.aborted) break
      failures = Date.now() - startedAt > SETTLED_MS ? 1 : failures + 1
      const pause = Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS)
      report({ process: undefined, state: 'waiting', reason, restarts: observed.restarts + 1 })
      say(`${spec.component} went down: ${reason}; starting it again in ${pause / 1000} s`)
      pausing = new AbortController()
      const over = AbortSignal.any([stopping.signal, pausing.signal])
      await sleep(pause, undefined, { signal: over }).catch(() => {})
    }
    report({ process: undefined, state: 'stopped' })
  }
  const ended = run()
  return {
    spec,
    get observed() {
      return observed
    },
    wake: () => pausing.abort(),
    stop: () => {
      stopping.abort()
      return ended
    },
  }
}

interface RunningProcess {
  identity: Identity
  /** Resolves to how it ended, or stays pending. */
  exit: Promise<string>
  /** Stops waiting for the end. */
  release: () => void
}

function startProcess(spec: ComponentSpec, { layout, env }: KeeperSetup): RunningProcess {
  for (const [path, content] of Object.entries(spec.files)) {
    const file = join(layout.folder, path)
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    writeFileSync(file, content, { mode: 0o600 })
  }
  // The component writes to its log itself, so that its log outlives the supervisor.
  const log = openSync(layout.log(spec.component), 'a', 0o600)
  try {
    const child = spawn(spec.command, spec.args, {
      cwd: layout.folder,
      env: { ...env, ...spec.env },
      stdio: ['ignore', log, log],
      detached: true,
    })
    const exit = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message))
      child.once('exit', (code, signal) =>
        resolve(code === null ? `killed by ${signal}` : `ended with exit code ${code}`),
      )
    })
    if (child.pid === undefined) throw new Error(`${spec.command} could not be started`)
    // One that has ended already has no identity any more; nothing is ever signalled under this one.
    const known = identify(child.pid) ?? { pid: child.pid, started: 'ended at once' }
    return { identity: known, exit, release: () => {} }
  } finally {
    closeSync(log)
  }
}

/** A child of a supervisor that is no more: its end can be seen, its exit code cannot. */
function adoptProcess(known: Identity): RunningProcess {
  const released = new AbortController()
  const exit = (async () => {
    while (isAlive(known)) await sleep(ADOPTED_POLL_MS, undefined, { signal: released.signal })
    return 'it ended'
  })().catch(() => 'released')
  return { identity: known, exit, release: () => released.abort() }
}

/** Resolves to the reason why the process must be replaced, or when `signal` fires. */
async function watch(
  running: RunningProcess,
  spec: ComponentSpec,
  layout: Layout,
  signal: AbortSignal,
  answered: () => void,
): Promise<string> {
  const url = new URL(spec.probe, spec.url)
  const started = performance.now()
  let isUp = false
  let failed = 0
  const over = new AbortController()
  let ending = 'stopped'
  void running.exit.then((reason) => {
    if (!signal.aborted) ending = reason
    over.abort()
  })
  const either = AbortSignal.any([signal, over.signal])
  try {
    while (!either.aborted) {
      const answer = await probe(url, { patience: PROBE_PATIENCE_MS, signal: either })
      if (either.aborted) break
      if (answer?.status === 200) {
        failed = 0
        if (!isUp) answered()
        isUp = true
      } else if (isUp && ++failed >= FAILED_PROBES) {
        return `it did not answer ${spec.probe} ${FAILED_PROBES} times in a row`
      } else if (!isUp && performance.now() - started > START_PATIENCE_MS) {
        return `it did not answer ${spec.probe} within ${START_PATIENCE_MS / 1000} s`
      }
      rotate(layout.log(spec.component))
      await sleep(isUp ? PROBE_MS : START_PROBE_MS, undefined, { signal: either }).catch(() => {})
    }
    return ending
  } finally {
    running.release()
  }
}

/** Resolves when the process is gone, however long the kernel holds it: a second one never runs beside it. */
async function end(known: Identity, grace: number): Promise<void> {
  while (!(await terminate(known, grace).catch(() => false))) await sleep(END_RETRY_MS)
  killGroup(known)
}

/** What a component started and left behind: its process group still carries its number. */
function killGroup(leader: Identity): void {
  try {
    process.kill(-leader.pid, 'SIGKILL')
  } catch {
    // Nobody is left: the usual case.
  }
}
