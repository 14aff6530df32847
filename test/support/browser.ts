// A headless Chromium for the tests of pages, driven over the DevTools protocol.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WebSocket } from 'undici'
import { expect } from 'vitest'
import { z } from 'zod'

/** A Chromium of this machine; undefined where there is none. */
export const browser = ['chromium', 'chromium-browser', 'google-chrome'].find((name) => {
  try {
    return execFileSync('which', [name]).length > 0
  } catch {
    return false
  }
})

const told = z.looseObject({
  id: z.number().optional(),
  method: z.string().optional(),
  params: z.unknown().optional(),
  result: z.unknown().optional(),
  error: z.looseObject({ message: z.string() }).optional(),
})

/** A page of a headless browser, driven over the DevTools protocol. */
export interface Page extends AsyncDisposable {
  call(method: string, params?: object): Promise<unknown>
  /** What an expression of the page gives, awaited until it gives something. */
  until(expression: string): Promise<unknown>
  readonly events: { method: string; params: unknown }[]
}

/** Starts the browser with one empty page; disposing of it ends the browser and removes its profile. */
export async function startBrowser(): Promise<Page> {
  if (!browser) throw new Error('there is no Chromium')
  const profile = mkdtempSync(join(tmpdir(), 'fnd-browser-'))
  const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--remote-debugging-port=0', '--no-first-run']
  const child = spawn(browser, [...flags, `--user-data-dir=${profile}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  })
  const page = await openPage(await debuggingPort(child))
  return {
    ...page,
    [Symbol.asyncDispose]: async () => {
      page[Symbol.dispose]()
      const ended = new Promise((resolve) => child.once('exit', resolve))
      if (child.pid) process.kill(-child.pid, 'SIGKILL')
      await ended
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

function debuggingPort({ stderr }: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    stderr?.on('data', (piece) => {
      text += piece
      const address = /DevTools listening on ws:\/\/(\S+?)\//.exec(text)?.[1]
      if (address) resolve(address)
    })
    stderr?.once('close', () => reject(new Error(`the browser ended:\n${text}`)))
  })
}

async function openPage(address: string): Promise<Omit<Page, typeof Symbol.asyncDispose> & Disposable> {
  const targets = z
    .array(z.looseObject({ type: z.string(), webSocketDebuggerUrl: z.string() }))
    .parse(await (await fetch(`http://${address}/json`)).json())
  const socket = new WebSocket(targets.find(({ type }) => type === 'page')?.webSocketDebuggerUrl ?? '')
  await new Promise((resolve, reject) => {
    socket.onopen = resolve
    socket.onerror = reject
  })
  const waiting = new Map<number, (message: z.infer<typeof told>) => void>()
  const events: Page['events'] = []
  socket.onmessage = ({ data }) => {
    const message = told.parse(JSON.parse(String(data)))
    if (message.id !== undefined) waiting.get(message.id)?.(message)
    else if (message.method) events.push({ method: message.method, params: message.params })
  }
  let last = 0
  const call: Page['call'] = (method, params = {}) =>
    new Promise((resolve, reject) => {
      const id = ++last
      waiting.set(id, ({ result, error }) => (error ? reject(new Error(error.message)) : resolve(result)))
      socket.send(JSON.stringify({ id, method, params }))
    })
  const value = z.looseObject({ result: z.looseObject({ value: z.unknown().optional() }) })
  return {
    events,
    call,
    until: (expression) =>
      expect
        .poll(
          async () => {
            const answer = value.parse(
              await call('Runtime.evaluate', { expression: `(${expression}) || ''`, returnByValue: true }),
            )
            return answer.result.value
          },
          { timeout: 30_000, message: expression },
        )
        .toBeTruthy()
        .then(
          async () =>
            value.parse(await call('Runtime.evaluate', { expression, returnByValue: true })).result.value,
        ),
    [Symbol.dispose]: () => socket.close(),
  }
}
