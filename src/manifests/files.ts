// Rendered objects as files: one stream for `kubectl apply -f -`, or a folder with a file for each.

import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FndError, messageOf } from '../errors/error.ts'
import { APPLY_ORDER } from '../kube/kinds.ts'
import type { KubernetesObject } from './kubernetes-object.ts'
import { toYaml } from './template.ts'

const HEADER = '# Rendered by `fnd render`; the next one replaces it.\n'
/** What only its owner may read. */
const SECRET = /^kind: Secret$/m

/** All objects as one YAML stream. */
export function toStream(objects: readonly KubernetesObject[]): string {
  return objects.map((object) => toYaml(object)).join('---\n')
}

/** A file for each object; by name they sort in the order to apply them, and a new object renames no other. */
export function toFiles(objects: readonly KubernetesObject[]): Record<string, string> {
  return Object.fromEntries(
    objects.map((object) => {
      const { kind, metadata } = object
      const rank = String(APPLY_ORDER.indexOf(kind) + 1).padStart(2, '0')
      const name = [rank, kind.toLowerCase(), metadata.namespace, metadata.name].filter(Boolean).join('-')
      return [`${name}.yaml`, `${HEADER}${toYaml(object)}`]
    }),
  )
}

/**
 * Writes the files into a folder, and removes those of an earlier rendering that are no longer wanted; other files stay. Only the
 * owner can read Secrets.
 *
 * @throws FndError FND_FILE_UNWRITABLE.
 */
export async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
    for (const name of await readdir(folder)) {
      if (!name.endsWith('.yaml') || name in files) continue
      const path = join(folder, name)
      if ((await readFile(path, 'utf8')).startsWith(HEADER)) await rm(path)
    }
    for (const [name, text] of Object.entries(files)) {
      const path = join(folder, name)
      if (!SECRET.test(text)) await writeFile(path, text)
      else {
        // The mode of writeFile is for new files only.
        await rm(path, { force: true })
        await writeFile(path, text, { mode: 0o600 })
      }
    }
  } catch (cause) {
    throw new FndError('FND_FILE_UNWRITABLE', { path: folder, why: messageOf(cause) }, { cause })
  }
}
