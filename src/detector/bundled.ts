// The models that ship with fnd: what they are called and where they lie. Nothing else knows.

import { join } from 'node:path'
import { packageRoot } from '../package.ts'

/** What is used where nobody names a model. */
export const DEFAULT_MODEL = 'bundled'

/** Folder below `model/` by the name that settings and commands take. */
const FOLDERS: ReadonlyMap<string, string> = new Map([
  [DEFAULT_MODEL, 'fnd-base'],
  ['base', 'fnd-base'],
  ['fast', 'fnd-fast'],
])

/** The folder of a model that ships with fnd; undefined for any other name. A user's folder of that name is `./fast`. */
export function bundledFolder(name: string): string | undefined {
  const folder = FOLDERS.get(name)
  return folder === undefined ? undefined : join(packageRoot, 'model', folder)
}
