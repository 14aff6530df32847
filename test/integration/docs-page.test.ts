// The page at /docs in a real browser: it renders, it can try a prediction, it asks nobody else. Skipped without Chromium.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WebSocket } from 'undici'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { startServe } from '../support/serve-process.ts'

const browser = ['chromium', 'chromium-browser', 'google-chrome'].find((name) => {
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
interface Page extends Disposable {
  call(method: string, params?: object): Promise<unknown>
  /** What an expression of the page gives, awaited until it gives something. */
  until(expression: string): Promise<unknown>
  readonly events: { method: string; params: unknown }[]
}

let profile: string
let child: ChildProcess
let page: Page

beforeAll(async () => {
  if (!browser) return
  profile = mkdtempSync(join(tmpdir(), 'fnd-browser-'))
  const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--remote-debugging-port=0', '--no-first-run']
  child = spawn(browser, [...flags, `--user-data-dir=${profile}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  })
  page = await openPage(await debuggingPort(child))
})
afterAll(async () => {
  if (!browser) return
  page[Symbol.dispose]()
  const ended = new Promise((resolve) => child.once('exit', resolve))
  if (child.pid) process.kill(-child.pid, 'SIGKILL')
  await ended
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
})

test.skipIf(!browser)('shows the API, tries a prediction, and asks nobody but this server', async () => {
  await using service = startServe()
  await service.logged('ready')
  const { origin, href } = service.url('/docs')
  for (const domain of ['Page', 'Network', 'Log', 'Runtime']) await page.call(`${domain}.enable`)
  await page.call('Page.navigate', { url: href })

  await page.until(`document.querySelectorAll('.opblock').length >= 6`)
  await page.call('Runtime.evaluate', {
    expression: `document.querySelector('#operations-predict-predict .opblock-summary-control').click()`,
  })
  await page.until(`document.querySelector('#operations-predict-predict .execute') !== null`)
  await page.call('Runtime.evaluate', {
    expression: `document.querySelector('#operations-predict-predict .execute').click()`,
  })
  const body = await page.until(
    `document.querySelector('#operations-predict-predict .live-responses-table .highlight-code')?.textContent`,
  )
  expect(body).toContain('"confidence"')

  const asked = page.events
    .filter(({ method }) => method === 'Network.requestWillBeSent')
    .map(
      ({ params }) =>
        z.looseObject({ request: z.looseObject({ url: z.string() }) }).parse(params).request.url,
    )
  expect(asked.some((url) => url.endsWith('/predict'))).toBe(true)
  expect(asked.filter((url) => !url.startsWith(`${origin}/`) && !url.startsWith('data:'))).toEqual([])
  const complaints = page.events.filter(
    ({ method }) => method === 'Log.entryAdded' || method === 'Runtime.exceptionThrown',
  )
  expect(complaints).toEqual([])
})

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

async function openPage(address: string): Promise<Page> {
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
