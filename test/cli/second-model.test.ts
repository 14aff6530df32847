// A ready-made image has a model of its own: naming one of a registry beside it is refused before anything is fetched.

import { expect, it } from 'vitest'
import { emptyHome } from '../support/program.ts'

// Nobody listens there: what asks the registry all the same fails with another error.
const BOTH = [
  '--image',
  'reg.example/fnd:1',
  '--model',
  's3://models/toy@1',
  '--s3-endpoint',
  'http://127.0.0.1:9',
]

it.each([['render'], ['diff']])('fnd %s --image with a model of a registry is refused', async (command) => {
  using home = emptyHome()
  const { code, stdout } = await home.fnd([command, ...BOTH, '--json'])
  expect(code).toBe(2)
  expect(JSON.parse(stdout).error).toMatchObject({
    code: 'FND_USAGE',
    message: expect.stringContaining('reg.example/fnd:1 has its own model: s3://models/toy@1'),
  })
})

it('a build context takes the model that is named, so there both go together', async () => {
  using home = emptyHome()
  const env = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', AWS_REGION: 'us-east-1' }
  const { stdout } = await home.fnd(['render', ...BOTH, '--image-context', 'ctx', '--json'], { env })
  expect(JSON.parse(stdout).error).toMatchObject({ code: 'FND_REGISTRY_UNREACHABLE' })
})
