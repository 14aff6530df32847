// External programs are found in the promised order, and nothing unverified ever lands in the cache.

import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { settingsSchema } from '../../../src/config/schema.ts'
import { isFndError } from '../../../src/errors/error.ts'
import { download } from '../../../src/runtime/programs/download.ts'
import { findProgram, type ProgramSearch } from '../../../src/runtime/programs/find.ts'
import { RELEASES } from '../../../src/runtime/programs/releases.ts'
import { VERSIONS } from '../../../src/versions.ts'
import {
  prometheusArchive,
  publish,
  type ReleaseServer,
  sha256,
  startReleaseServer,
} from './release-server.ts'

const LINUX = { os: 'linux', arch: 'amd64' } as const
const pathOf = (address: string) => new URL(address).pathname
const ARCHIVE = pathOf(RELEASES.prometheus.address(LINUX))
const SUMS = pathOf(RELEASES.prometheus.checksums(LINUX))

let folder: string
let server: ReleaseServer
const progress = { update: () => {} }

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fnd-programs-'))
  server = await startReleaseServer()
})
afterEach(async () => {
  await server[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

function search(settings: Record<string, unknown> = {}, path = ''): ProgramSearch {
  const programs = { mirror: server.url, packages: false, ...(settings.programs as object) }
  return {
    settings: settingsSchema.parse({ ...settings, programs }),
    paths: { cache: join(folder, 'cache') },
    env: { PATH: `${path}:/usr/bin:/bin` },
    signal: new AbortController().signal,
    machine: { platform: 'linux', arch: 'x64' },
  }
}

function script(name: string, body: string): string {
  mkdirSync(join(folder, 'bin'), { recursive: true })
  const file = join(folder, 'bin', name)
  writeFileSync(file, `#!/bin/sh\n${body}\n`)
  chmodSync(file, 0o755)
  return file
}

describe('the order', () => {
  test('what the settings name comes before PATH', async () => {
    script('prometheus', 'echo prometheus, version 1.0.0')
    const named = script('mine', 'echo prometheus, version 2.0.0')
    const found = await findProgram(
      'prometheus',
      search({ programs: { prometheus: named } }, join(folder, 'bin')),
      progress,
    )
    expect(found).toMatchObject({ command: named, origin: 'settings', version: '2.0.0' })
  })

  test('a program that the settings name wrongly is an error, not passed over', async () => {
    script('prometheus', 'echo prometheus, version 1.0.0')
    const wrong = search({ programs: { prometheus: '/nowhere/prometheus' } }, join(folder, 'bin'))
    await expect(findProgram('prometheus', wrong, progress)).rejects.toMatchObject({
      code: 'FND_PROGRAM_UNUSABLE',
      message: expect.stringContaining('/nowhere/prometheus'),
    })
  })

  test('a broken program on PATH is passed over for the download', async () => {
    script('prometheus', 'exit 3')
    publish(server, ARCHIVE, SUMS, await prometheusArchive(folder, VERSIONS.prometheus))
    const found = await findProgram('prometheus', search({}, join(folder, 'bin')), progress)
    expect(found).toMatchObject({ origin: 'download', version: VERSIONS.prometheus })
  })

  test('what was downloaded once is found in the cache, offline as well', async () => {
    publish(server, ARCHIVE, SUMS, await prometheusArchive(folder, VERSIONS.prometheus))
    await findProgram('prometheus', search(), progress)
    const found = await findProgram('prometheus', search({ offline: true }), progress)
    expect(found.origin).toBe('cache')
    expect(readdirSync(join(folder, 'cache/programs/prometheus'))).toEqual([`release-${VERSIONS.prometheus}`])
  })

  test('nothing works: the message names every place and what mends it', async () => {
    const error = await findProgram('prometheus', search(), progress).catch((e: unknown) => e)
    if (!isFndError(error)) throw error
    expect(error.code).toBe('FND_PROGRAM_MISSING')
    expect(error.message).toMatch(/PATH.*cache.*release 3\.[\d.]+: .*404.*Debian package: not used here/)
    expect(error.hint).toContain('FND_PROGRAMS_PROMETHEUS=')
  })

  test('--offline asks nobody', async () => {
    const offline = search({ offline: true, programs: { packages: true } })
    await expect(findProgram('prometheus', offline, progress)).rejects.toMatchObject({
      code: 'FND_PROGRAM_MISSING',
      message: expect.stringContaining('offline, nothing may be fetched'),
      hint: expect.stringContaining('FND_OFFLINE=false fnd up'),
    })
    expect(server.requests).toEqual([])
  })

  test('Grafana needs its home beside the binary', async () => {
    mkdirSync(join(folder, 'grafana/bin'), { recursive: true })
    script('../grafana/bin/grafana', 'echo grafana version 12.1.0')
    const named = search({ programs: { grafana: join(folder, 'grafana') } })
    await expect(findProgram('grafana', named, progress)).rejects.toMatchObject({
      code: 'FND_PROGRAM_UNUSABLE',
      message: expect.stringContaining('conf/defaults.ini'),
    })
    mkdirSync(join(folder, 'grafana/conf'))
    writeFileSync(join(folder, 'grafana/conf/defaults.ini'), '')
    expect((await findProgram('grafana', named, progress)).home).toBe(join(folder, 'grafana'))
  })
})

describe('a download', () => {
  const content = Buffer.alloc(300_000, 'fnd ')
  const get = (signal = new AbortController().signal) =>
    download({
      url: `${server.url}/file`,
      checksums: `${server.url}/file.sha256`,
      to: join(folder, 'file'),
      env: {},
      signal,
    })
  /** What undici holds in memory is lost with the connection, so it is cut only when the bytes lie in the file. */
  const arrived = (bytes: number) =>
    vi.waitFor(() => expect(statSync(join(folder, 'file.part')).size).toBe(bytes), { timeout: 5000 })

  test('is thrown away when its hash is not the published one', async () => {
    publish(server, '/file', '/file.sha256', content)
    server.files.set('/file', Buffer.alloc(300_000, 'evil'))
    await expect(get()).rejects.toMatchObject({
      code: 'FND_CHECKSUM_MISMATCH',
      params: { expected: sha256(content) },
    })
    expect(readdirSync(folder)).toEqual([])
  })

  test('that breaks off goes on where it ended', async () => {
    publish(server, '/file', '/file.sha256', content)
    let broken = false
    server.misbehave = (request, response) => {
      if (broken || request.url !== '/file') return false
      broken = true
      response.writeHead(200, { 'content-length': content.length })
      response.write(content.subarray(0, 100_000))
      void arrived(100_000).then(() => response.destroy())
      return true
    }
    await get()
    expect(server.requests.at(-1)).toBe('/file from 100000')
    expect(existsSync(join(folder, 'file'))).toBe(true)
  })

  test('that keeps breaking off ends with how far it came', async () => {
    publish(server, '/file', '/file.sha256', content)
    server.misbehave = (request, response) => {
      if (request.url !== '/file') return false
      response.writeHead(200, { 'content-length': content.length })
      response.write(content.subarray(0, 1000), () => response.destroy())
      return true
    }
    await expect(get()).rejects.toMatchObject({
      code: 'FND_DOWNLOAD_FAILED',
      message: expect.stringMatching(/bytes/),
    })
  })

  test('that was interrupted is taken up by the next run', async () => {
    publish(server, '/file', '/file.sha256', content)
    const interruption = new AbortController()
    server.misbehave = (request, response) => {
      if (request.url !== '/file') return false
      response.writeHead(200, { 'content-length': content.length })
      response.write(content.subarray(0, 100_000))
      void arrived(100_000).then(() => interruption.abort())
      return true
    }
    await expect(get(interruption.signal)).rejects.toMatchObject({ name: 'AbortError' })
    server.misbehave = () => false
    await get()
    expect(server.requests.at(-1)).toBe('/file from 100000')
  })

  test('left over from another version is fetched anew', async () => {
    publish(server, '/file', '/file.sha256', content)
    writeFileSync(join(folder, 'file.part'), 'the beginning of something else')
    await get()
    expect(server.requests.filter((line) => line.startsWith('/file')).at(-1)).toBe('/file')
  })

  test.each([
    ['404', { '/file.sha256': 'nothing else' }, /names no SHA-256/],
    ['no hashes', {}, /answered 404/],
  ])('without a usable hash file (%s) is refused before a byte of it is fetched', async (_, files, why) => {
    for (const [path, text] of Object.entries(files)) server.files.set(path, Buffer.from(text))
    await expect(get()).rejects.toMatchObject({
      code: 'FND_DOWNLOAD_FAILED',
      message: expect.stringMatching(why),
    })
    expect(server.requests).toEqual(['/file.sha256'])
  })
})
