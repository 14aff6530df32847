// Pre-flight of the runtime kind: engine, kind, memory, disk, kernel limits, ports. Each failure names the command that mends it.

import { readFile, statfs } from 'node:fs/promises'
import type { Settings } from '../../config/schema.ts'
import { FndError, toFndError } from '../../errors/error.ts'
import { bytes } from '../../format.ts'
import { choosePorts, portsTitle } from '../ports.ts'
import { lookUp, type ProgramSearch } from '../programs/find.ts'
import type { StackRecord } from '../record.ts'
import { type CheckResult, COMPONENTS, USUAL_COMPONENTS } from '../runtime.ts'
import { type KindCluster, wantsS3 } from './cluster.ts'
import type { Engine, EngineInfo } from './engine.ts'
import { imagesOf, lackingImages, leftOut, NOT_TO_BE_HAD } from './images.ts'

const GIB = 1024 ** 3
/** An idle cluster takes about 0.5 GiB, the stack's requests 1.3 GiB, its limits 3 GiB. */
const MEMORY = { least: 2 * GIB, good: 4 * GIB }
/** Node image 1.3 GiB unpacked, the stack's images 1 GiB twice (Docker and node). */
const DISK = { least: 4 * GIB, good: 8 * GIB }
/** kind's documented values for "pod errors due to too many open files". */
const INOTIFY = { max_user_instances: 512, max_user_watches: 524_288 } as const
/** The first whose node images this Kubernetes version's kubeconfig and containerd layout are. */
const OLDEST_KIND = [0, 20] as const

interface Machine {
  engine: Engine
  search: ProgramSearch
  cluster: KindCluster
  settings: Settings
  others: readonly StackRecord[]
  signal: AbortSignal
}

type Answer = Pick<CheckResult, 'outcome'> & { detail?: string; mend?: string }

/** Can a cluster be made here? */
export async function* beforeChecks(machine: Machine): AsyncGenerator<CheckResult> {
  const { engine, search, cluster, settings, others, signal } = machine
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
    info = await engine.info(signal)
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
  yield await checked('kind', 'the program kind', async () => {
    const { program } = await lookUp('kind', search)
    if (!program)
      return settings.offline
        ? {
            outcome: 'fail',
            detail: 'not on this machine, and offline nothing may be fetched',
            mend: 'Run `FND_OFFLINE=false fnd up` once, or name it: FND_PROGRAMS_KIND=<path>',
          }
        : { outcome: 'warn', detail: 'not on this machine', mend: '`fnd up` fetches it' }
    const { version = '', origin } = program
    const [major = 0, minor = 0] = version.split('.').map(Number)
    const old = version !== '' && major === OLDEST_KIND[0] && minor < OLDEST_KIND[1]
    return old
      ? { outcome: 'fail', detail: version, mend: 'Take kind off PATH: fnd fetches a newer one' }
      : { outcome: 'pass', detail: `${version || 'unknown version'} from ${origin}` }
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
  const sight = await cluster.look(signal)
  yield await checked('cluster', `the cluster name ${cluster.name} can be had`, async () =>
    sight.standing === 'foreign'
      ? {
          outcome: 'fail',
          detail: 'a kind cluster of this name was made by somebody else',
          mend: `Use another name (--name), or: kind delete cluster --name ${cluster.name}`,
        }
      : { outcome: 'pass' },
  )
  // A node that stands may hold images that Docker has no more.
  if (settings.offline && sight.standing === 'absent')
    yield await checked('images', 'images that a new cluster needs are in Docker', async () =>
      imagesHere(settings, engine, wantsS3(settings, sight), signal),
    )
  const needed = wantsS3(settings, sight) ? COMPONENTS : USUAL_COMPONENTS
  yield await checked('ports', portsTitle(settings.ports, needed), async () => {
    const held = new Map(
      COMPONENTS.flatMap((component) => {
        const port = sight.ports[component]
        return port === undefined ? [] : [[component, port] as const]
      }),
    )
    await choosePorts({ wanted: settings.ports, needed, held, others })
    return { outcome: 'pass' }
  })
}

function enough(have: number, { least, good }: { least: number; good: number }, mend: string): Answer {
  const detail = bytes(have)
  if (have >= good) return { outcome: 'pass', detail }
  return { outcome: have >= least ? 'warn' : 'fail', detail: `${detail}; ${bytes(good)} is better`, mend }
}

/** What a new cluster needs, but for the backend's image, which is built. @throws FndError FND_IMAGE_MISSING, as `up` would. */
async function imagesHere(
  settings: Settings,
  engine: Engine,
  s3: boolean,
  signal: AbortSignal,
): Promise<Answer> {
  const { node } = settings.images
  if (!node)
    throw new FndError('FND_IMAGE_MISSING', {
      image: 'kindest/node',
      why: 'images.node names none, and kind would pull its own default: offline nothing may be pulled',
    })
  const { backend: _, ...images } = imagesOf(settings, '', s3)
  const { absent } = await lackingImages(engine, [], [node, ...Object.values(images)], signal)
  if (absent.includes(node)) throw new FndError('FND_IMAGE_MISSING', { image: node, why: NOT_TO_BE_HAD })
  if (leftOut(settings, images, absent).length === 0) return { outcome: 'pass' }
  return {
    outcome: 'warn',
    detail: `not ${absent.join(', ')}: no dashboards`,
    mend: 'Load it into Docker, or name another: FND_IMAGES_GRAFANA=<image>',
  }
}
