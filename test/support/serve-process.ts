// Runs `fnd serve` as a process of its own, in an empty home, on a port that the system chooses.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../../src/package.ts'

type LogLine = Record<string, unknown> & { msg?: string }

export interface ServeProcess extends AsyncDisposable {
  readonly child: ChildProcess
  /** An empty folder, the home of the process, removed with it. */
  readonly home: string
  stdout(): string
  stderr(): string
  /** The lines of its log so far. */
  log(): LogLine[]
  /** Waits until the log has a message that starts so; rejects when the process ends without it. */
  logged(msg: string): Promise<LogLine>
  /** An address of the backend; only once it is listening. */
  url(path: string): URL
  /** Waits for the end: the exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>
}

/** Starts the backend. It has been told nothing but PATH, HOME, its port and `env`. */
export function startServe(env: NodeJS.ProcessEnv = {}): ServeProcess {
  const home = mkdtempSync(join(tmpdir(), 'fnd-serve-'))
  const child = spawn(process.execPath, [`${packageRoot}bin/fnd.js`, 'serve'], {
    cwd: home,
    env: { PATH: process.env.PATH, HOME: home, FND_PORTS_BACKEND: '0', FND_BACKEND_WORKERS: '2', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string)
  let over = false
  void ended.then(() => {
    over = true
  })
  const log = (): LogLine[] =>
    stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as LogLine)
  const find = (msg: string): LogLine | undefined => log().find((line) => line.msg?.startsWith(msg))
  return {
    child,
    home,
    stdout: () => stdout,
    stderr: () => stderr,
    log,
    ended,
    async logged(msg) {
      for (let line = find(msg); ; line = find(msg)) {
        if (line) return line
        if (over) throw new Error(`the backend ended without '${msg}':\n${stdout}${stderr}`)
        await Promise.race([once(child.stdout, 'data'), ended])
      }
    },
    url(path) {
      const [address] = find('listening')?.msg?.match(/http:\S+/) ?? []
      if (!address) throw new Error('the backend does not listen yet')
      return new URL(path, address)
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
      rmSync(home, { recursive: true, force: true })
    },
  }
}
