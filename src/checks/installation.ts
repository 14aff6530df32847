// Is fnd itself sound: Node, the model bundle, the folders it writes to.

import { access, constants, readFile, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Paths } from '../config/paths.ts'
import type { Settings } from '../config/schema.ts'
import { loadBundle } from '../detector/bundle.ts'
import { FndError, messageOf } from '../errors/error.ts'
import { bytes } from '../format.ts'
import { packageRoot } from '../package.ts'
import { isRegistrySource } from '../registry/address.ts'
import type { CheckGroup } from './check.ts'

/** Prometheus with its archive and package lists, unpacked, is well below this. */
const FREE_BYTES = 500 * 1024 * 1024

/** The checks of the group "fnd". */
export function installationChecks(settings: Settings, paths: Paths, nodeVersion: string): CheckGroup {
  return {
    name: 'fnd',
    checks: [
      {
        title: 'Node.js is new enough',
        mend: 'Install a current Node.js LTS release: https://nodejs.org',
        look: async () => {
          const needed = await neededNode()
          if (compareVersions(nodeVersion, needed) < 0)
            throw new Error(`this is ${nodeVersion}, needed is ${needed}`)
          return { detail: nodeVersion }
        },
      },
      {
        title: 'the model bundle matches its manifest',
        mend: 'Reinstall fnd, or fetch the bundle again.',
        look: async () => {
          // One of a registry was verified when it was pulled, and is again when it is loaded.
          if (isRegistrySource(settings.model)) return { detail: settings.model }
          const { identity } = await loadBundle(settings.model)
          return { detail: `${identity.name} ${identity.version}` }
        },
      },
      {
        title: 'the state folder can be written',
        mend: 'Fix its permissions, or name another with FND_STATE_DIR.',
        look: () => writable(paths.state),
      },
      {
        title: 'the cache folder can be written',
        mend: 'Fix its permissions, or name another with FND_CACHE_DIR.',
        look: () => writable(paths.cache),
      },
      {
        title: 'there is room on the disk',
        mend: 'Free some space, or choose another place with FND_CACHE_DIR.',
        look: async () => {
          const { bavail, bsize } = await statfs(await nearest(paths.cache))
          const free = bavail * bsize
          return { outcome: free < FREE_BYTES ? 'warn' : 'pass', detail: `${bytes(free)} free` }
        },
      },
    ],
  }
}

/** The lowest Node.js that package.json accepts, e.g. `20.19`. */
async function neededNode(): Promise<string> {
  const { engines } = JSON.parse(await readFile(`${packageRoot}package.json`, 'utf8')) as {
    engines: { node: string }
  }
  return engines.node.replace(/^>=\s*/, '')
}

/** Below, at or above zero as a version `1.2.3` is older than, the same as or newer than another, by their numbers. */
function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.replace(/^v/, '').split('.').map(Number))
  for (let i = 0; i < 3; i += 1) {
    const difference = (left?.[i] ?? 0) - (right?.[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/** The folder, or the nearest one above it that exists, must let us in. */
async function writable(folder: string): Promise<{ detail: string }> {
  try {
    await access(await nearest(folder), constants.W_OK | constants.X_OK)
  } catch (cause) {
    throw new FndError('FND_FILE_UNWRITABLE', { path: folder, why: messageOf(cause) }, { cause })
  }
  return { detail: folder }
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
