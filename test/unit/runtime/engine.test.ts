// A machine without a Docker engine, or without its client: named as what is missing, with what to do.

import { expect, it } from 'vitest'
import { dockerEngine } from '../../../src/runtime/kind/engine.ts'

const never = new AbortController().signal

it('no client, or a client that reaches no engine, is a missing engine', async () => {
  const env = { PATH: process.env.PATH }
  const absent = dockerEngine('/nowhere/docker', env).info(never)
  await expect(absent).rejects.toMatchObject({ code: 'FND_ENGINE_MISSING', exit: 4 })
})
