// Runs the built program as a process of its own, in an empty home.

import { execFile } from 'node:child_process'
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
  /** Runs `fnd` with these arguments; `input` becomes its standard input, which is otherwise empty. */
  fnd(
    args: readonly string[],
    options?: { env?: NodeJS.ProcessEnv; input?: string; cwd?: string },
  ): Promise<Finished>
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
        child.stdin?.end(options.input ?? '')
      }),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}
