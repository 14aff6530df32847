// A machine without a Docker engine, or without its client: named as what is missing, with what to do.

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { dockerEngine } from '../../../src/runtime/kind/engine.ts'

const never = new AbortController().signal

it('no client, or a client that reaches no engine, is a missing engine', async () => {
  const env = { PATH: process.env.PATH }
  const absent = dockerEngine('/nowhere/docker', env).info(never)
  await expect(absent).rejects.toMatchObject({ code: 'FND_ENGINE_MISSING', exit: 4 })
})

it('a client that exits 0 and tells of no engine but its errors has none', async () => {
  // The real one does so since Docker 25, with --format, where the daemon is down or its socket is not for this user.
  const folder = mkdtempSync(join(tmpdir(), 'fnd-docker-'))
  try {
    const client = join(folder, 'docker')
    writeFileSync(
      client,
      `#!/bin/sh\necho '{"ServerErrors":["permission denied: docker.sock"],"ClientInfo":{}}'\n`,
    )
    chmodSync(client, 0o755)
    const info = dockerEngine(client, { PATH: process.env.PATH }).info(never)
    await expect(info).rejects.toMatchObject({
      code: 'FND_ENGINE_MISSING',
      message: expect.stringContaining('permission denied: docker.sock'),
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
})
