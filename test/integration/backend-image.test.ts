// The build context of the backend image is all that `fnd serve` needs: it answers from the staged folder alone.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type ImageContext, planImage, writeContext } from '../../src/image/context.ts'

const request = {
  arch: process.arch === 'arm64' ? 'arm64' : 'x64',
  base: 'node:22-slim',
  model: 'bundled',
} as const
let home: string
let context: ImageContext

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'fnd-image-'))
  context = await planImage(request)
  await writeContext(context, join(home, 'context'))
})
afterAll(() => rm(home, { recursive: true, force: true }))

it.runIf(process.platform === 'linux')('serves a prediction from the staged files alone', async () => {
  const folder = join(home, 'context')
  const serve = spawn(process.execPath, ['bin/fnd.js', 'serve'], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      HOME: '/nonexistent',
      FND_MODEL: join(folder, 'model'),
      FND_PORTS_BACKEND: '0',
      FND_BACKEND_WORKERS: '1',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    let url = ''
    for await (const line of createInterface(serve.stdout)) {
      const event: { msg: string } = JSON.parse(line)
      url = /^listening on (\S+)/.exec(event.msg)?.[1] ?? url
      if (event.msg === 'ready') break
    }
    const response = await fetch(`${url}/predict`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        text: 'The council met on Tuesday and agreed to repair the bridge by the spring.',
      }),
    })
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ model: { name: 'fnd-base' } })
    expect((await fetch(`${url}/docs`)).status).toBe(200)
  } finally {
    serve.kill('SIGTERM')
    await once(serve, 'exit')
  }
})

it.runIf(process.platform === 'linux')('asks a registry with the token of its service account', async () => {
  const folder = join(home, 'context')
  await writeFile(join(folder, 'token'), 'a token')
  let asked = ''
  const sts = createServer(async (request, response) => {
    for await (const chunk of request) asked += chunk
    response.writeHead(403).end()
  }).listen(0, '127.0.0.1')
  await once(sts, 'listening')
  const { port } = sts.address() as AddressInfo
  const serve = spawn(process.execPath, ['bin/fnd.js', 'serve'], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      HOME: '/nonexistent',
      FND_MODEL: 's3://models/fnd-base#production',
      FND_REGISTRY_ENDPOINT: 'http://127.0.0.1:1',
      FND_REGISTRY_REGION: 'us-east-1',
      FND_CACHE_DIR: join(home, 'cache'),
      FND_PORTS_BACKEND: '0',
      AWS_ROLE_ARN: 'arn:aws:iam::111122223333:role/fnd',
      AWS_WEB_IDENTITY_TOKEN_FILE: 'token',
      AWS_ENDPOINT_URL_STS: `http://127.0.0.1:${port}`,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    for await (const line of createInterface(serve.stdout)) if (line.includes('"no model yet"')) break
    expect(asked).toContain('Action=AssumeRoleWithWebIdentity')
    expect(asked).toContain('WebIdentityToken=a%20token')
  } finally {
    serve.kill('SIGTERM')
    await once(serve, 'exit')
    sts.close()
  }
})

it('holds the binaries of one platform, and no source maps, types or development packages', () => {
  const paths = context.files.map((file) => file.path)
  const binaries = paths.filter((path) => path.includes('onnxruntime-node/bin/'))
  expect(binaries.length).toBeGreaterThan(0)
  expect(binaries.every((path) => path.includes(`/linux/${request.arch}/`))).toBe(true)
  expect(paths.filter((path) => /node_modules\/.*\.(ts|map)$/.test(path))).toEqual([])
  expect(paths.filter((path) => /node_modules\/(typescript|vitest|@kubernetes)\//.test(path))).toEqual([])
})

it('has the same name for the same content, another one for another base image or model', async () => {
  expect((await planImage(request)).reference).toBe(context.reference)
  expect((await planImage({ ...request, base: 'node:24-slim' })).reference).not.toBe(context.reference)
  expect((await planImage({ ...request, model: 'base' })).reference).toBe(context.reference)
  expect((await planImage({ ...request, model: 'fast' })).reference).not.toBe(context.reference)
})
