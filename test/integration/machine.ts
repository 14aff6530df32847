// A bare machine for one test file: empty home, own state and cache, fnd as a process; and a look at what is left of it.

import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { z } from 'zod'
import type { answer as statusAnswer } from '../../src/commands/status/answer.ts'
import { packageRoot } from '../../src/package.ts'

export interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

export interface RunOptions {
  env?: Record<string, string>
  /** Called with all of stderr so far; `interrupt` presses Ctrl-C. */
  onStderr?: (text: string, interrupt: () => void) => void
}

export class Machine {
  readonly root = mkdtempSync(join(tmpdir(), 'fnd-machine-'))
  readonly state = join(this.root, 'state')

  /** Runs fnd to its end. Ports are free ones, the scrape is every second, no release host is reachable. */
  fnd(args: string[], { env = {}, onStderr }: RunOptions = {}): Promise<Ended> {
    const child = spawn(process.execPath, [`${packageRoot}bin/fnd.js`, ...args], {
      cwd: this.root,
      env: {
        PATH: process.env.PATH,
        HOME: join(this.root, 'home'),
        FND_STATE_DIR: this.state,
        FND_CACHE_DIR: join(this.root, 'cache'),
        FND_RUNTIME: 'local',
        FND_PROGRAMS_MIRROR: 'http://127.0.0.1:9',
        FND_PORTS_BACKEND: '0',
        FND_PORTS_PROMETHEUS: '0',
        FND_PORTS_GRAFANA: '0',
        FND_BACKEND_WORKERS: '1',
        FND_PROMETHEUS_SCRAPE_INTERVAL: '1s',
        FND_TIMEOUT: '90s',
        ...env,
      },
    })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (data) => {
      stdout += data
    })
    child.stderr.on('data', (data) => {
      stderr += data
      onStderr?.(stderr, () => child.kill('SIGINT'))
    })
    return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })))
  }

  /** The answer of a command that must succeed with `code`. */
  async answer(args: string[], code = 0, env: Record<string, string> = {}): Promise<Record<string, unknown>> {
    const ended = await this.fnd([...args, '--json'], { env })
    if (ended.code !== code)
      throw new Error(`fnd ${args.join(' ')}: ${ended.code}\n${ended.stdout}\n${ended.stderr}`)
    return JSON.parse(ended.stdout)
  }

  /** `fnd status --json`, whatever its exit code. */
  async status(name = 'fnd'): Promise<z.infer<typeof statusAnswer>> {
    const { stdout } = await this.fnd(['status', '--json', '--name', name])
    return JSON.parse(stdout).data
  }

  /** The pid of a component as status sees it. */
  async pid(component: string, name = 'fnd'): Promise<number> {
    const { components } = await this.status(name)
    const instance = components.find((one) => one.component === component)?.instance ?? ''
    return Number(/process (\d+)/.exec(instance)?.[1])
  }

  supervisorPid(name = 'fnd'): number {
    return JSON.parse(readFileSync(join(this.state, 'stacks', name, 'observed.json'), 'utf8')).supervisor.pid
  }

  /** Command lines of living processes that carry this machine's state folder in their environment. */
  processes(): string[] {
    return readdirSync('/proc').flatMap((pid) => {
      try {
        if (!/^\d+$/.test(pid)) return []
        const environment = readFileSync(`/proc/${pid}/environ`, 'utf8')
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
        return environment.includes(this.state) && line ? [`${pid} ${line}`] : []
      } catch {
        return []
      }
    })
  }

  /** What `down` should have removed and has not: processes, state. */
  leftovers(): string[] {
    return [...this.processes(), ...(existsSync(this.state) ? [this.state] : [])]
  }

  dispose(): void {
    rmSync(this.root, { recursive: true, force: true })
  }
}

/** Asks until `done` is content; the last answer explains a time-out. */
export async function eventually<T>(
  ask: () => Promise<T> | T,
  done: (answer: T) => boolean,
  patience = 30_000,
): Promise<T> {
  const deadline = Date.now() + patience
  for (;;) {
    const answer = await ask()
    if (done(answer)) return answer
    if (Date.now() > deadline) throw new Error(`never came true; last: ${JSON.stringify(answer)}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
