// The installed npm packages that `fnd serve` needs, and where they go in an image: found by walking package.json files.

import { readFile, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { FndError } from '../errors/error.ts'

/** What `serve` imports, directly; a test of the staged image proves that it is all of it. */
export const SERVE_IMPORTS = [
  '@aws-sdk/client-s3',
  '@aws-sdk/lib-storage',
  '@fastify/cors',
  '@fastify/rate-limit',
  '@fastify/swagger',
  '@fastify/swagger-ui',
  '@huggingface/tokenizers',
  'chalk',
  'eld',
  'entities',
  'env-paths',
  'fastify',
  'onnxruntime-node',
  'pino',
  'prom-client',
  'yaml',
  'zod',
] as const

/** Dependencies that only a package's own install script uses. */
const INSTALL_ONLY: Readonly<Record<string, readonly string[]>> = {
  'onnxruntime-node': ['adm-zip', 'global-agent'],
}

/** A package and its place below the root of the image, e.g. `node_modules/fastify`. */
export interface PlacedPackage {
  name: string
  folder: string
  place: string
}

const packageJson = z.looseObject({
  dependencies: z.record(z.string(), z.string()).optional(),
  optionalDependencies: z.record(z.string(), z.string()).optional(),
  peerDependencies: z.record(z.string(), z.string()).optional(),
})

/**
 * The packages that `names` need, laid out so that each finds the version that it finds here, however this package was
 * installed (flat, nested, linked): at the top where the name is free, else beneath whoever asks for it.
 *
 * @param root folder of the package whose dependencies `names` are.
 * @throws FndError FND_INSTALLATION_INCOMPLETE naming a package that is not installed.
 */
export async function placePackages(root: string, names: readonly string[]): Promise<PlacedPackage[]> {
  const placed = new Map<string, PlacedPackage>()
  const waiting: { folder: string; place: string; needs: Need[] }[] = [
    { folder: root, place: '', needs: names.map((name) => ({ name, optional: false })) },
  ]
  for (let at = waiting.shift(); at; at = waiting.shift()) {
    for (const { name, optional } of at.needs) {
      const folder = await findPackage(name, at.folder)
      if (!folder) {
        if (optional) continue
        throw new FndError('FND_INSTALLATION_INCOMPLETE', { missing: name })
      }
      const seen = visibleFrom(at.place, name, placed)
      if (seen?.folder === folder) continue
      const place = join(seen ? at.place : '', 'node_modules', name)
      placed.set(place, { name, folder, place })
      waiting.push({ folder, place, needs: await needsOf(name, folder) })
    }
  }
  return [...placed.values()].sort((a, b) => (a.place < b.place ? -1 : 1))
}

interface Need {
  name: string
  optional: boolean
}

async function needsOf(name: string, folder: string): Promise<Need[]> {
  const json = packageJson.parse(JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')))
  const optional = { ...json.optionalDependencies, ...json.peerDependencies }
  return Object.keys({ ...json.dependencies, ...optional })
    .filter((need) => !INSTALL_ONLY[name]?.includes(need))
    .sort()
    .map((need) => ({ name: need, optional: need in optional }))
}

/** The real folder of a package, as Node finds it from `from`. */
async function findPackage(name: string, from: string): Promise<string | undefined> {
  for (let at = await realpath(from); ; at = dirname(at)) {
    const folder = join(at, 'node_modules', name)
    if (basename(at) !== 'node_modules' && (await isPackage(folder))) return realpath(folder)
    if (dirname(at) === at) return undefined
  }
}

async function isPackage(folder: string): Promise<boolean> {
  return stat(join(folder, 'package.json')).then(
    (found) => found.isFile(),
    () => false,
  )
}

/** What `name` would mean to the package at `place` in the image as it is laid out so far. */
function visibleFrom(
  place: string,
  name: string,
  placed: ReadonlyMap<string, PlacedPackage>,
): PlacedPackage | undefined {
  for (let at = place; ; at = at.slice(0, Math.max(0, at.lastIndexOf('node_modules/') - 1))) {
    const found = placed.get(join(at, 'node_modules', name))
    if (found || at === '') return found
  }
}
