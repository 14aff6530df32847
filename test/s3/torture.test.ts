// Eight processes push, promote and roll back one model at once and are killed at random; the bucket must hold nothing half-made.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { packageRoot } from '../../src/package.ts'
import { parseAddress } from '../../src/registry/address.ts'
import { listAliases } from '../../src/registry/alias.ts'
import { listVersions } from '../../src/registry/catalogue.ts'
import { inspect } from '../../src/registry/inspect.ts'
import { openS3 } from '../../src/registry/s3.ts'
import { s3Program, startS3 } from '../support/s3-server.ts'

const program = s3Program()
const PROCESSES = 8
const OPERATIONS = 200
const SECONDS = 150

describe.skipIf(!program)('a registry under torture', () => {
  it(`${OPERATIONS} pushes and promotions of ${PROCESSES} processes with random kill -9 leave nothing half-visible`, async () => {
    await using server = await startS3(program ?? '')
    const scratch = mkdtempSync(join(tmpdir(), 'fnd-torture-'))
    const lines: string[] = []
    let kills = 0
    const end = Date.now() + SECONDS * 1000
    const finished = () => lines.length >= OPERATIONS || Date.now() > end
    const slot = async (index: number): Promise<void> => {
      while (!finished()) {
        const child = spawn(
          process.execPath,
          ['test/fixtures/registry/pusher.js', server.endpoint, server.bucket, `p${index}`, scratch],
          {
            cwd: packageRoot,
            env: {
              PATH: process.env.PATH,
              AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
              ...server.env,
            },
            stdio: ['ignore', 'pipe', 'inherit'],
          },
        )
        const exited = once(child, 'exit')
        child.stdout.setEncoding('utf8').on('data', (text: string) => {
          lines.push(...text.trim().split('\n'))
        })
        await once(child.stdout, 'data')
        // In the middle of whatever it does then.
        for (const until = Date.now() + Math.random() * 4000; Date.now() < until && !finished(); )
          await sleep(20)
        child.kill('SIGKILL')
        kills += 1
        await exited
      }
    }
    try {
      await Promise.all(Array.from({ length: PROCESSES }, (_, index) => slot(index)))
    } finally {
      rmSync(scratch, { recursive: true, force: true })
    }
    expect(lines.filter((line) => line.startsWith('wrong'))).toEqual([])
    expect(lines.length).toBeGreaterThanOrEqual(OPERATIONS)
    expect(kills).toBeGreaterThan(PROCESSES)

    Object.assign(process.env, server.env)
    const { signal } = new AbortController()
    using store = openS3({ bucket: server.bucket, endpoint: server.endpoint, signal })
    const address = parseAddress(`s3://${server.bucket}/torture/toy`)
    const { versions, damaged } = await listVersions(store, address)
    expect(damaged).toEqual(new Map())
    for (const entry of versions)
      for await (const file of inspect(store, address, entry, signal, () => {}))
        expect(file, entry.version).not.toHaveProperty('problem')
    const alias = (await listAliases(store, address)).aliases.get('production')
    expect(versions.find(({ version }) => version === alias?.version)?.sha256).toBe(alias?.sha256)
    const history = alias?.history ?? []
    expect(new Set(history.map(({ id }) => id)).size).toBe(history.length)
    // No move was lost: each one began where the one before it had led.
    for (const [index, move] of history.slice(0, -1).entries()) expect(move.from).toBe(history[index + 1]?.to)
    process.stdout.write(
      `${lines.length} answered (${lines.filter((line) => line === 'told').length} refused by rule), ${kills} kills, ${versions.length} versions, ${history.length} moves\n`,
    )
  }, 300_000)
})
