// What an S3 client throws, in the words of the catalogue.

import { expect, it } from 'vitest'
import { asRegistryError } from '../../../src/registry/failure.ts'

const where = { bucket: 'models', place: 'https://s3.example' }

it.each(['ECONNREFUSED', 'EAI_AGAIN', 'EPROTO', 'CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT'])(
  '%s: the registry does not answer',
  (code) => {
    const error = asRegistryError(Object.assign(new Error('broken'), { code }), where)
    expect(error).toMatchObject({ code: 'FND_REGISTRY_UNREACHABLE' })
  },
)

it('what the server itself says is its own failure', () => {
  const answer = Object.assign(new Error('out of luck'), {
    name: 'InternalError',
    $metadata: { httpStatusCode: 500 },
  })
  expect(asRegistryError(answer, where)).toMatchObject({ code: 'FND_REGISTRY_FAILED' })
})

it('a clock that the client could not correct is told with what sets it', () => {
  const answer = Object.assign(new Error('The difference is too large'), {
    name: 'RequestTimeTooSkewed',
    $metadata: { httpStatusCode: 403 },
  })
  expect(asRegistryError(answer, where)).toMatchObject({
    code: 'FND_REGISTRY_CLOCK',
    hint: expect.stringContaining('timedatectl'),
  })
})
