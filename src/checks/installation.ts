// Is fnd itself sound: Node, the model bundle, the folders it writes to.

import { access, constants, mkdir, readFile } from 'node:fs/promises'
import type { Paths } from '../config/paths.ts'
import type { Settings } from '../config/schema.ts'
import { loadBundle } from '../detector/bundle.ts'
import { FndError, messageOf } from '../errors/error.ts'
import { packageRoot } from '../package.ts'
import type { CheckGroup } from './check.ts'

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

async function writable(folder: string): Promise<{ detail: string }> {
  try {
    await mkdir(folder, { recursive: true })
    await access(folder, constants.W_OK | constants.X_OK)
  } catch (cause) {
    throw new FndError('FND_FILE_UNWRITABLE', { path: folder, why: messageOf(cause) }, { cause })
  }
  return { detail: folder }
}
