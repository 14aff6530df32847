// The machine that the e2e tests run on: whether it has an engine, and the program as a user starts it.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { packageRoot } from '../../src/package.ts'

/** True where a Docker engine answers. */
export function hasEngine(): boolean {
  try {
    docker('version', '--format', '{{.Server.Version}}')
    return true
  } catch {
    return false
  }
}

/** What `docker` prints. */
export function docker(...args: string[]): string {
  return execFileSync('docker', args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, DOCKER_BUILDKIT: process.env.DOCKER_BUILDKIT ?? '0' },
  }).trim()
}

/** How many times longer work takes here now than on this machine alone: its processes per processor, at least 1. */
export function slowdown(): number {
  return Math.max(1, (loadavg()[0] ?? 0) / cpus().length)
}

export interface Run {
  code: number | null
  stdout: string
  stderr: string
  seconds: number
}

export interface Home extends Disposable {
  readonly folder: string
  readonly kubeconfig: string
  readonly env: NodeJS.ProcessEnv
  /** Runs the program to its end. */
  fnd(args: string[], env?: NodeJS.ProcessEnv): Promise<Run>
  /** The `data` of its answer with --json; fails with what it printed otherwise. */
  answer(args: string[], env?: NodeJS.ProcessEnv): Promise<Record<string, unknown>>
  /** Starts the program and interrupts it (as Ctrl-C does) once `reached` says so of what it has printed. */
  interrupted(
    args: string[],
    reached: (printed: string) => boolean | Promise<boolean>,
    env?: NodeJS.ProcessEnv,
  ): Promise<Run>
}

/** A home folder of its own with a kubeconfig that must stay as it is; images come from the settings of this environment. */
export function freshHome(settings: NodeJS.ProcessEnv): Home {
  const folder = mkdtempSync(join(tmpdir(), 'fnd-e2e-'))
  const kubeconfig = join(folder, '.kube/config')
  mkdirSync(join(folder, '.kube'))
  writeFileSync(kubeconfig, 'apiVersion: v1\nkind: Config\ncurrent-context: ""\nclusters: []\n# mine\n')
  const { KUBECONFIG: _, ...inherited } = process.env
  const env = {
    ...inherited,
    HOME: folder,
    FND_STATE_DIR: join(folder, 'state'),
    FND_CACHE_DIR: join(folder, 'cache'),
    ...settings,
  }
  const start = (args: string[], more: NodeJS.ProcessEnv = {}) => {
    const child = spawn(process.execPath, [join(packageRoot, 'bin/fnd.js'), ...args], {
      env: { ...env, ...more },
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    return { child, ended: collect(child) }
  }
  const fnd: Home['fnd'] = (args, more) => start(args, more).ended
  return {
    folder,
    kubeconfig,
    env,
    fnd,
    answer: async (args, more) => {
      const { code, stdout, stderr } = await fnd([...args, '--json'], more)
      const document = JSON.parse(stdout || '{}')
      if (!document.ok) throw new Error(`fnd ${args.join(' ')} ended with ${code}: ${stdout}\n${stderr}`)
      return document.data
    },
    interrupted: async (args, reached, more) => {
      const { child, ended } = start(args, more)
      let printed = ''
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk) => {
          printed += chunk
        })
      while (child.exitCode === null && !(await reached(printed))) await sleep(100)
      child.kill('SIGINT')
      return ended
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}

async function collect(child: ChildProcess): Promise<Run> {
  const started = performance.now()
  const run = { stdout: '', stderr: '' }
  child.stdout?.on('data', (chunk) => {
    run.stdout += chunk
  })
  child.stderr?.on('data', (chunk) => {
    run.stderr += chunk
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  return { code, ...run, seconds: (performance.now() - started) / 1000 }
}
