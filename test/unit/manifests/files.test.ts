// Rendered manifests in a folder: Secrets are for their owner's eyes alone.

import { chmod, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { toFiles, writeFiles } from '../../../src/manifests/files.ts'

it.skipIf(process.platform === 'win32')('lets only the owner read Secrets', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fnd-files-'))
  try {
    const files = toFiles([
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'key', labels: {} }, stringData: { key: 'x' } },
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'text', labels: {} },
        data: { a: 'kind: Secret' },
      },
    ])
    const [config = '', secret = ''] = Object.keys(files).sort((a) => (a.includes('configmap') ? -1 : 1))
    await writeFiles(folder, files)
    const mode = async (name: string) => (await stat(join(folder, name))).mode & 0o777
    expect(await mode(secret)).toBe(0o600)
    expect(await mode(config)).not.toBe(0o600)

    // Written by an earlier fnd, for all to read.
    await chmod(join(folder, secret), 0o644)
    await writeFiles(folder, files)
    expect(await mode(secret)).toBe(0o600)
  } finally {
    await rm(folder, { recursive: true })
  }
})
