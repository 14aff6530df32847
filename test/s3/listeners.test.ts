// Work on a registry leaves nothing on the signal that may interrupt it: a backend's lives for months.

import { getEventListeners } from 'node:events'
import { expect, it } from 'vitest'
import { loadBundle } from '../../src/detector/bundle.ts'
import { parseModel } from '../../src/registry/address.ts'
import { needVersion } from '../../src/registry/catalogue.ts'
import { inspect } from '../../src/registry/inspect.ts'
import { push } from '../../src/registry/push.ts'
import { openS3 } from '../../src/registry/s3.ts'
import { storedBundle } from '../support/bundle.ts'
import { s3Program, startS3 } from '../support/s3-server.ts'

const program = s3Program()

it.skipIf(!program)('push and inspect leave no listener behind', async () => {
  await using server = await startS3(program ?? '')
  using bundle = storedBundle('1', Buffer.alloc(9 << 20, 'x'))
  Object.assign(process.env, server.env)
  const { signal } = new AbortController()
  using store = openS3({ bucket: server.bucket, endpoint: server.endpoint, signal })
  const address = parseModel(`s3://${server.bucket}/toy`)
  const loaded = await loadBundle(bundle.folder)
  await push(store, { bundle: loaded, address, by: 'me', dryRun: false, signal, onProgress: () => {} })
  const entry = await needVersion(store, address, '1')
  for await (const file of inspect(store, address, entry, signal, () => {}))
    expect(file).not.toHaveProperty('problem')
  expect(getEventListeners(signal, 'abort')).toEqual([])
})
