// glibc reads how it is to hand out memory only at the start of a process: whoever starts a backend must say it.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { settingsSchema } from '../../../src/config/schema.ts'
import { ALLOCATOR } from '../../../src/detector/allocator.ts'
import { packageRoot } from '../../../src/package.ts'
import { desiredStack } from '../../../src/runtime/local/components.ts'

it('is said to the backend of a local stack', () => {
  const { components } = desiredStack({
    settings: settingsSchema.parse({}),
    folder: '/nowhere',
    ports: { backend: 1, prometheus: 2, grafana: 3, s3: 4 },
    missing: [],
  })
  expect(components.map(({ component, env }) => [component, env])).toEqual([
    ['backend', expect.objectContaining(ALLOCATOR)],
  ])
})

it('is said by the image', () => {
  const dockerfile = readFileSync(join(packageRoot, 'templates/image/Dockerfile'), 'utf8')
  const said = Object.entries(ALLOCATOR).map(([name, value]) => `${name}=${value} `)
  for (const setting of said) expect(dockerfile).toContain(setting)
})
