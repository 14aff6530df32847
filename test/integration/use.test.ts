// A running local stack, used: judged by, fed, watched and checked.

import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { z } from 'zod'
import type { CheckAnswer } from '../../src/commands/check/answer.ts'
import type { answer as healthAnswer } from '../../src/commands/health/answer.ts'
import { answer as loadAnswer } from '../../src/commands/load/answer.ts'
import { parseExposition } from '../../src/observe/exposition.ts'
import { METRIC } from '../../src/service/metric-names.ts'
import { newsTexts } from '../support/news-texts.ts'
import { eventually, Machine } from './machine.ts'

let machine: Machine
let backend: string

beforeAll(async () => {
  machine = new Machine()
  const { data } = await machine.answer(['up'])
  backend = (data as { endpoints: { backend: string } }).endpoints.backend
})
afterAll(async () => {
  await machine.answer(['down'])
  expect(machine.leftovers()).toEqual([])
  machine.dispose()
})

/** What the backend has counted of /predict and of verdicts, by status and by label. */
async function counted(): Promise<Record<string, number>> {
  const samples = parseExposition(await (await fetch(`${backend}/metrics`)).text())
  return Object.fromEntries(
    samples.flatMap(({ name, labels, value }): [string, number][] => {
      if (name === METRIC.httpRequests && labels.route === '/predict') return [[labels.status ?? '', value]]
      return name === METRIC.predictions ? [[labels.label ?? '', value]] : []
    }),
  )
}

async function load(args: string[], code = 0): Promise<z.infer<typeof loadAnswer>> {
  const { data } = await machine.answer(['load', ...args], code)
  return loadAnswer.parse(data)
}

describe('predict', () => {
  test('is answered by the stack with the very bits that this process would give', async () => {
    for (const text of newsTexts(3)) {
      const ended = await Promise.all(
        [['--where', 'stack'], [], ['--where', 'local']].map((where) =>
          machine.fnd(['predict', '--json', ...where, text]),
        ),
      )
      const [stack, auto, local] = ended.map(({ stdout }) => JSON.parse(stdout).data)
      expect([stack.where, auto.where, local.where]).toEqual(['stack', 'stack', 'local'])
      for (const one of [stack, auto])
        expect({ ...one, where: '', latencyMs: 0 }).toEqual({ ...local, where: '', latencyMs: 0 })
      expect(ended[0]?.stderr).toBe(`Judged by the running stack 'fnd' (${new URL(backend).host})\n`)
      expect(ended[2]?.stderr).toBe('Judged in this process\n')
    }
  })

  test('of many texts is counted by the stack, one by one', async () => {
    const before = await counted()
    const texts = [...newsTexts(10), 'short']
    writeFileSync(
      join(machine.root, 'texts.jsonl'),
      texts.map((text) => `${JSON.stringify({ text })}\n`).join(''),
    )
    const { data } = await machine.answer(
      ['predict', '--input', 'texts.jsonl', '--output', 'verdicts.jsonl'],
      1,
    )
    expect(data).toMatchObject({ rows: 11, failed: 1, where: 'stack' })
    const after = await counted()
    expect(since(before, after)).toMatchObject({
      200: 10,
      400: 1,
      ...(data as { verdicts: object }).verdicts,
    })
  })
})

describe('load', () => {
  test('sums up what the backend counted itself', async () => {
    const before = await counted()
    const data = await load(['--rps', '20', '--duration', '5s', '--bad', '20%'])
    expect(data.sent).toBeGreaterThan(60)
    expect(data).toMatchObject({ unsent: 0, limited: 0, failed: 0, errors: 0, interrupted: false })
    expect(data.bad.sent).toBeGreaterThan(5)
    expect(data.bad.refused).toBe(data.bad.sent)
    expect(data.ok + data.refused).toBe(data.sent)
    const difference = since(before, await counted())
    expect(difference).toMatchObject({ 200: data.ok, 400: data.refused, ...data.verdicts })
  })

  test('interrupted, prints the summary so far and ends with 130', async () => {
    let pressed = false
    const ended = await machine.fnd(['load', '--duration', '60s'], {
      onStderr: (text, interrupt) => {
        if (pressed || !text.includes('… Sent')) return
        pressed = true
        interrupt()
      },
    })
    expect(ended.code).toBe(130)
    expect(ended.stdout).toMatch(
      /Load on http.*\n {2}Sent .* a second \(asked for: 20\);[^:]*,\s+interrupted\n/,
    )
    expect(ended.stdout).toContain('0 without answer')
  })

  test('ends with 3 when the p95 is above its limit, with 0 within it', async () => {
    const short = ['--rps', '10', '--duration', '1s']
    const slow = await load([...short, '--max-p95', '1ms'], 3)
    expect(slow.passedLimits).toEqual([expect.stringMatching(/^p95 .* more than 1 ms$/)])
    expect((await load([...short, '--max-p95', '10s', '--max-errors', '0%'])).passedLimits).toEqual([])
  })

  test('ends with 3 when more requests fail than --max-errors allows', async () => {
    const server = createServer((request, response) => {
      request.resume().on('end', () => response.writeHead(503, { 'retry-after': '1' }).end())
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      const data = await load(['--url', url, '--rps', '20', '--duration', '1s', '--max-errors', '1%'], 3)
      expect(data.failed).toBe(data.sent)
      expect(data.passedLimits).toEqual(['100 % errors, more than 1 %'])
    } finally {
      server.closeAllConnections()
      server.close()
    }
  })
})

test('health shows the rate of what was sent', async () => {
  await load(['--rps', '20', '--duration', '4s'])
  const perMinute = await eventually(rate, (value) => value > 20)
  expect(perMinute).toBeLessThan(20 * 60)
})

test('check finds nothing wrong; that Grafana is missing is a warning', async () => {
  const { data } = await machine.answer(['check'])
  const { phase, passed, results } = data as CheckAnswer
  expect({ phase, passed }).toEqual({ phase: 'after', passed: true })
  const other = results.filter(({ outcome }) => outcome !== 'pass')
  expect(other.filter(({ outcome }) => outcome !== 'warn')).toEqual([])
  expect(other.map(({ title, detail }) => `${title} ${detail}`).join()).toMatch(/grafana/i)
})

function since(before: Record<string, number>, after: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(after).map(([name, value]) => [name, value - (before[name] ?? 0)]))
}

/** Requests a minute, as `fnd health` tells them. */
async function rate(): Promise<number> {
  const { stdout } = await machine.fnd(['health', '--json', '--window', '1m'])
  const { figures }: z.infer<typeof healthAnswer> = JSON.parse(stdout).data
  return figures.rate?.value ?? 0
}
