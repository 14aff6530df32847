// An object store in memory, for what needs no S3: texts, tags and folders as S3 has them.

import type { ObjectStore, Text } from '../../src/registry/store.ts'

/** A store that holds these objects. Uploads, ranges and lists are for a test to add where it needs them. */
export function memoryStore(first: Readonly<Record<string, Partial<Text>>> = {}): ObjectStore {
  const objects = new Map<string, Text>()
  let writes = 0
  const write = (key: string, object: Partial<Text>): true => {
    objects.set(key, { text: '', at: new Date(0), metadata: {}, ...object, etag: String(++writes) })
    return true
  }
  for (const [key, object] of Object.entries(first)) write(key, object)
  const unused = (): never => {
    throw new Error('not in memory')
  }
  return {
    place: 'memory',
    text: async (key: string) => objects.get(key),
    facts: async (key) => {
      const found = objects.get(key)
      return found && { size: found.text.length, metadata: found.metadata }
    },
    create: async (key, text, metadata = {}) => !objects.has(key) && write(key, { text, metadata }),
    replace: async (key, text, etag) => objects.get(key)?.etag === etag && write(key, { text }),
    upload: unused,
    range: unused,
    async *list() {},
    folders: async (prefix) => {
      const below = [...objects.keys()].filter((key) => key.startsWith(prefix))
      return [...new Set(below.map((key) => key.slice(prefix.length).split('/')[0] ?? ''))]
    },
    [Symbol.dispose]() {},
  }
}
