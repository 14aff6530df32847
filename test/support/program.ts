// Runs the built program as a process of its own, in an empty home.

import { type ChildProcess, execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../../src/package.ts'

export interface Finished {
  code: number
  stdout: string
  stderr: string
}

export interface Home extends Disposable {
  readonly folder: string
  readonly env: NodeJS.ProcessEnv
  /** Runs `fnd` with these arguments. */
  fnd(args: readonly string[], options?: RunOptions): Promise<Finished>
}

export interface RunOptions {
  env?: NodeJS.ProcessEnv
  cwd?: string
  /** Standard input; empty when absent. */
  input?: string
  /** Is given the process, to feed and to signal; its standard input stays open. */
  started?: (child: ChildProcess) => void
}

/** An empty home folder with nothing of this machine's environment but PATH. Dispose to remove it. */
export function emptyHome(): Home {
  const folder = mkdtempSync(join(tmpdir(), 'fnd-home-'))
  const env = { PATH: process.env.PATH, HOME: folder }
  return {
    folder,
    env,
    fnd: (args, options = {}) =>
      new Promise((resolve) => {
        const child = execFile(
          process.execPath,
          [`${packageRoot}bin/fnd.js`, ...args],
          { env: { ...env, ...options.env }, cwd: options.cwd ?? folder, maxBuffer: 64 * 1024 * 1024 },
          (error, stdout, stderr) => resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr }),
        )
        // A program that ends without reading its input is no error here.
        child.stdin?.on('error', () => {})
        if (options.started) options.started(child)
        else child.stdin?.end(options.input ?? '')
      }),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}
