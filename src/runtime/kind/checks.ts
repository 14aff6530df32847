// Pre-flight of the runtime kind: engine, kind, memory, disk, kernel limits, ports. Each failure names the command that mends it.

import { readFile, statfs } from 'node:fs/promises'
import type { Settings } from '../../config/schema.ts'
import { type FndError, toFndError } from '../../errors/error.ts'
import { bytes } from '../../format.ts'
import { choosePorts } from '../ports.ts'
import type { RunCommand } from '../run-program.ts'
import { type CheckResult, COMPONENTS } from '../runtime.ts'
import type { KindCluster } from './cluster.ts'
import type { Engine, EngineInfo } from './engine.ts'

const GIB = 1024 ** 3
/** An idle cluster takes about 0.5 GiB, the stack's requests 1.3 GiB, its limits 3 GiB. */
const MEMORY = { least: 2 * GIB, good: 4 * GIB }
/** Node image 1.3 GiB unpacked, the stack's images 1 GiB twice (Docker and node). */
const DISK = { least: 4 * GIB, good: 8 * GIB }
/** kind's documented values for "pod errors due to too many open files". */
const INOTIFY = { max_user_instances: 512, max_user_watches: 524_288 } as const
/** The first whose node images this Kubernetes version's kubeconfig and containerd layout are. */
const OLDEST_KIND = [0, 20] as const
const SHORT_MS = 20_000

interface Machine {
  engine: Engine
  kind: (signal: AbortSignal) => Promise<RunCommand>
  cluster: KindCluster
  settings: Settings
  signal: AbortSignal
}

type Answer = Pick<CheckResult, 'outcome'> & { detail?: string; mend?: string }

/** Can a cluster be made here? */
export async function* beforeChecks(machine: Machine): AsyncGenerator<CheckResult> {
  const { engine, kind, cluster, settings, signal } = machine
  const checked = async (group: string, title: string, ask: () => Promise<Answer>): Promise<CheckResult> => {
    try {
      return { group, title, ...(await ask()) }
    } catch (thrown) {
      signal.throwIfAborted()
      const error: FndError = toFndError(thrown)
      return { group, title, outcome: 'fail', detail: error.message, mend: error.hint, error }
    }
  }
  let info: EngineInfo | undefined
  yield await checked('docker', 'a Docker engine answers', async () => {
    try {
      info = await engine.info(signal)
    } catch (error) {
      signal.throwIfAborted()
      const mend =
        'Start Docker (`sudo systemctl start docker`, or Docker Desktop), or run without it: --runtime local'
      return { outcome: 'fail', detail: toFndError(error).message, mend }
    }
    return { outcome: 'pass', detail: `${info.version}, ${info.cpus} CPUs, ${bytes(info.memory)}` }
  })
  if (!info) return
  const seen = info
  yield await checked('docker', 'it runs Linux containers', async () =>
    seen.os === 'linux'
      ? { outcome: 'pass' }
      : { outcome: 'fail', detail: seen.os, mend: 'Switch Docker Desktop to Linux containers' },
  )
  yield await checked('docker', 'cgroup version', async () =>
    seen.cgroup === '1'
      ? {
          outcome: 'warn',
          detail: 'v1: newer Kubernetes versions will not run on it',
          mend: 'Boot the host with cgroup v2 (systemd.unified_cgroup_hierarchy=1)',
        }
      : { outcome: 'pass', detail: `v${seen.cgroup}` },
  )
  yield await checked('docker', 'memory for the engine', async () =>
    enough(seen.memory, MEMORY, 'Give Docker more memory (Docker Desktop: Settings, Resources)'),
  )
  yield await checked('docker', 'disk for images', async () => {
    // The engine's folder is visible only where the engine runs on this very machine.
    const disk = await statfs(seen.root).catch(() => undefined)
    if (!disk) return { outcome: 'skip', detail: 'the engine keeps them elsewhere' }
    return enough(disk.bavail * disk.bsize, DISK, '`docker system prune` frees what is not in use')
  })
  yield await checked('kind', 'kind is here', async () => {
    const text = await (await kind(signal))(['version'], { signal, patience: SHORT_MS })
    const version = /v(\d+)\.(\d+)\.\d+/.exec(text)
    const [major, minor] = [Number(version?.[1] ?? 0), Number(version?.[2] ?? 0)]
    const old = major === OLDEST_KIND[0] && minor < OLDEST_KIND[1]
    return old
      ? { outcome: 'fail', detail: text.trim(), mend: 'Take kind off PATH: fnd fetches a newer one' }
      : { outcome: 'pass', detail: version?.[0] ?? text.trim() }
  })
  for (const [name, least] of Object.entries(INOTIFY))
    yield await checked('kernel', `fs.inotify.${name}`, async () => {
      const text = await readFile(`/proc/sys/fs/inotify/${name}`, 'utf8').catch(() => undefined)
      if (text === undefined) return { outcome: 'skip', detail: 'not a Linux host' }
      return Number(text) >= least
        ? { outcome: 'pass', detail: text.trim() }
        : {
            outcome: 'warn',
            detail: `${text.trim()}, ${least} is better`,
            mend: `sudo sysctl fs.inotify.${name}=${least}`,
          }
    })
  yield await checked('cluster', `the name ${cluster.name} is free or ours`, async () =>
    (await cluster.standing(signal)) === 'foreign'
      ? {
          outcome: 'fail',
          detail: 'a kind cluster of this name was made by somebody else',
          mend: `Use another name (--name), or: kind delete cluster --name ${cluster.name}`,
        }
      : { outcome: 'pass' },
  )
  const own = await cluster.ports(signal)
  for (const component of COMPONENTS)
    yield await checked(
      'ports',
      `port ${settings.ports[component]} for ${component} is free or ours`,
      async () => {
        const mine = own[component]
        await choosePorts(settings.ports, [component], new Map(mine ? [[component, mine]] : []))
        return { outcome: 'pass' }
      },
    )
}

function enough(have: number, { least, good }: { least: number; good: number }, mend: string): Answer {
  const detail = bytes(have)
  if (have >= good) return { outcome: 'pass', detail }
  return { outcome: have >= least ? 'warn' : 'fail', detail: `${detail}; ${bytes(good)} is better`, mend }
}
