// A real S3 server for tests (versitygw), on a port of its own, with an empty bucket; everything goes with it.

import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { packageRoot } from '../../src/package.ts'
import { freePort } from './free-port.ts'

/** The server's program; undefined where it cannot be had, which is an error where FND_TEST_S3=required. */
export function s3Program(): string | undefined {
  try {
    return execFileSync(`${packageRoot}scripts/s3-server.sh`, { encoding: 'utf8', timeout: 900_000 }).trim()
  } catch (error) {
    if (process.env.FND_TEST_S3 === 'required') throw error
    return undefined
  }
}

export interface S3Server extends AsyncDisposable {
  readonly endpoint: string
  readonly port: number
  readonly bucket: string
  /** Where the bucket's objects lie as files. */
  readonly folder: string
  /** What the AWS default chain needs to use it, and fnd to find it. */
  readonly env: NodeJS.ProcessEnv
  stop(): Promise<void>
  /** On the same port, with the same objects. */
  start(): Promise<void>
}

const KEY = 'fnd-test'
const SECRET = 'fnd-test-secret'

/** Starts the server with one bucket. */
export async function startS3(program: string): Promise<S3Server> {
  const home = mkdtempSync(join(tmpdir(), 'fnd-s3-'))
  const bucket = 'models'
  mkdirSync(join(home, bucket))
  const port = await freePort()
  const endpoint = `http://127.0.0.1:${port}`
  let running: ReturnType<typeof spawn> | undefined
  const stop = async (): Promise<void> => {
    const child = running
    running = undefined
    if (!child || child.exitCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  const start = async (): Promise<void> => {
    running = spawn(program, ['--port', `127.0.0.1:${port}`, '--health', '/healthz', '-q', 'posix', home], {
      env: { PATH: process.env.PATH, ROOT_ACCESS_KEY_ID: KEY, ROOT_SECRET_ACCESS_KEY: SECRET },
      stdio: 'ignore',
    })
    for (let tries = 0; tries < 200; tries += 1) {
      const healthy = await fetch(`${endpoint}/healthz`).then(
        ({ ok }) => ok,
        () => false,
      )
      if (healthy) return
      await sleep(50)
    }
    await stop()
    throw new Error('the S3 server does not answer')
  }
  await start()
  return {
    endpoint,
    port,
    bucket,
    folder: join(home, bucket),
    env: {
      AWS_ACCESS_KEY_ID: KEY,
      AWS_SECRET_ACCESS_KEY: SECRET,
      AWS_REGION: 'us-east-1',
      FND_REGISTRY_ENDPOINT: endpoint,
    },
    stop,
    start,
    async [Symbol.asyncDispose]() {
      await stop()
      rmSync(home, { recursive: true, force: true })
    },
  }
}
