// The local stack on a bare machine: real processes, the real Prometheus, everything that can go wrong on the way.

import { appendFileSync, cpSync, mkdirSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { baseModel } from '../support/bundle.ts'
import { eventually, Machine } from './machine.ts'

let machine: Machine

beforeAll(async () => {
  machine = new Machine()
})
afterEach(async () => {
  for (const name of ['fnd', 'b']) await machine.fnd(['down', '--name', name])
  expect(machine.leftovers()).toEqual([])
})
afterAll(() => machine.dispose())

const reports = (code: string) => expect.objectContaining({ code })

describe('up and down', () => {
  test('a bare machine gets a real Prometheus that scrapes a backend that judges; down leaves nothing', async () => {
    const first = await machine.fnd(['up', '--json'])
    expect({ code: first.code, stderr: first.stderr }).toMatchObject({ code: 0 })
    expect(first.stderr.split('\n')[0]).toBe("Stack 'fnd' on runtime local: it was asked for")
    // Sound at once, although Prometheus has just started.
    expect(await machine.answer(['check'])).toMatchObject({ data: { passed: true } })
    const { data } = JSON.parse(first.stdout)
    expect(data.endpoints).toMatchObject({ backend: expect.any(String), prometheus: expect.any(String) })

    // `up` has asked for one prediction itself: it must arrive in Prometheus.
    const query = `${data.endpoints.prometheus}/api/v1/query?query=${encodeURIComponent('sum(predictions_total{job="backend"})')}`
    await eventually(
      async () => (await (await fetch(query)).json()) as { data: { result: { value: [number, string] }[] } },
      ({ data: { result } }) => Number(result[0]?.value[1]) >= 1,
    )
    const rules = await (await fetch(`${data.endpoints.prometheus}/api/v1/rules`)).json()
    expect(JSON.stringify(rules)).toContain('fnd-alerts')

    // Where Grafana could not be had, its log is an error, not silence.
    expect((await machine.fnd(['logs', 'grafana'])).code).toBe(data.endpoints.grafana ? 0 : 4)

    const second = await machine.answer(['up'])
    const outcomes = (second.data as { actions: { id: string; outcome: string }[] }).actions
    expect(outcomes.filter(({ outcome }) => outcome === 'changed')).toEqual([])

    const down = await machine.answer(['down'])
    expect((down.data as { removed: string[] }).removed.length).toBeGreaterThan(2)
    expect(machine.leftovers()).toEqual([])
    expect(await machine.answer(['down'])).toMatchObject({ data: { removed: [] } })
    expect((await machine.fnd(['status'])).code).toBe(4)
  })

  // FND_TEST_PROMETHEUS: a binary of another version than the one that is found here, e.g. 3.x beside Debian's 2.42.
  const other = process.env.FND_TEST_PROMETHEUS
  test.skipIf(!other)('a Prometheus of another version, named in the settings, serves as well', async () => {
    const env = { FND_PROGRAMS_PROMETHEUS: other ?? '' }
    await machine.answer(['up'], 0, env)
    expect(await machine.answer(['check'], 0, env)).toMatchObject({ ok: true })
    // Fast or slow (3) is the machine's matter; what was read from where is not.
    const health = await machine.fnd(['health', '--json'], { env })
    expect([0, 3], health.stderr).toContain(health.code)
    expect(JSON.parse(health.stdout).data.source.kind).toBe('prometheus')
    const slo = await machine.fnd(['slo', '--json'], { env })
    expect([0, 3], slo.stderr).toContain(slo.code)
  })

  test('a changed setting restarts the component that it concerns, and no other', async () => {
    await machine.answer(['up'])
    const [backend, prometheus] = [await machine.pid('backend'), await machine.pid('prometheus')]
    await machine.answer(['up', '--scrape-interval', '2s'])
    expect(await machine.pid('backend')).toBe(backend)
    expect(await machine.pid('prometheus')).not.toBe(prometheus)
  })

  test('another model that ships is served by another backend; nothing else restarts', async () => {
    await machine.answer(['up'])
    const prometheus = await machine.pid('prometheus')
    const { data } = await machine.answer(['up', '--model', 'fast'])
    const start = {
      id: 'start',
      detail: 'restarted for what has changed: backend (model fnd-base → fnd-fast)',
    }
    expect(data).toMatchObject({
      model: { name: 'fnd-fast' },
      actions: expect.arrayContaining([expect.objectContaining(start)]),
    })
    const { endpoints } = data as { endpoints: { backend: string } }
    const ready = await (await fetch(`${endpoints.backend}/ready`)).json()
    expect(ready).toMatchObject({ model: { name: 'fnd-fast' } })
    expect(await machine.pid('prometheus')).toBe(prometheus)
  })

  test('two stacks stand side by side', async () => {
    await machine.answer(['up'])
    await machine.answer(['up', '--name', 'b'])
    await machine.answer(['down'])
    expect((await machine.status('b')).components.map(({ state }) => state)).toEqual([
      'running',
      'running',
      'missing',
    ])
  })

  test('two runs of up at once make one stack', async () => {
    const ended = await Promise.all([machine.fnd(['up']), machine.fnd(['up'])])
    expect(ended.map(({ code }) => code)).toEqual([0, 0])
    expect(machine.processes().filter((line) => line.includes('supervisor-process'))).toHaveLength(1)
    expect(machine.processes().filter((line) => line.includes('serve'))).toHaveLength(1)
  })

  test('--dry-run tells the plan and makes nothing', async () => {
    const { stdout } = await machine.fnd(['up', '--dry-run'])
    expect(stdout).toContain('Start the components')
    expect(machine.leftovers()).toEqual([])
  })
})

describe('the supervisor', () => {
  test.each(['backend', 'prometheus'])('brings a crashed %s back', async (component) => {
    await machine.answer(['up'])
    const before = await machine.pid(component)
    process.kill(before, 'SIGKILL')
    const { components } = await eventually(
      () => machine.status(),
      ({ components }) =>
        components.some(
          (one) => one.component === component && one.state === 'running' && one.restarts === 1,
        ),
    )
    expect(components.find((one) => one.component === component)?.instance).not.toContain(String(before))
    const { stdout } = await machine.fnd(['logs', component])
    expect(stdout).toContain(`[fnd] ${component} went down: killed by SIGKILL`)
  })

  test('killed itself, is replaced by up, which takes over what still runs', async () => {
    await machine.answer(['up'])
    const [backend, prometheus] = [await machine.pid('backend'), await machine.pid('prometheus')]
    process.kill(machine.supervisorPid(), 'SIGKILL')
    process.kill(prometheus, 'SIGKILL')
    const status = await machine.fnd(['status'])
    expect(status.code).toBe(3)
    expect(status.stdout).toContain('The supervisor is gone')
    await machine.answer(['up'])
    expect(await machine.pid('backend')).toBe(backend)
    expect(await machine.pid('prometheus')).not.toBe(prometheus)
    // What was adopted is watched as well.
    process.kill(backend, 'SIGKILL')
    await eventually(
      () => machine.status(),
      ({ components }) => components[0]?.state === 'running' && components[0].restarts === 1,
    )
  })

  test('asked to end, is followed by another that the next up starts', async () => {
    await machine.answer(['up'])
    const before = machine.supervisorPid()
    process.kill(before, 'SIGTERM')
    await machine.answer(['up'])
    expect(machine.supervisorPid()).not.toBe(before)
    expect((await machine.status()).components[0]?.state).toBe('running')
  })

  test('killed itself, leaves nothing that down does not find', async () => {
    await machine.answer(['up'])
    process.kill(machine.supervisorPid(), 'SIGKILL')
    writeFileSync(join(machine.state, 'stacks/fnd/observed.json'), 'damaged by a full disk')
    const { data } = await machine.answer(['down'])
    expect((data as { removed: string[] }).removed.join()).toContain('not on record')
    expect(machine.leftovers()).toEqual([])
  })

  test('ends with its stack when somebody removes the folder', async () => {
    await machine.answer(['up'])
    const { rmSync } = await import('node:fs')
    rmSync(join(machine.state, 'stacks/fnd'), { recursive: true })
    await eventually(
      () => machine.processes(),
      (processes) => processes.length === 0,
    )
  })
})

describe('what stands in the way', () => {
  test('a taken port is named with its flag, before anything is made', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as AddressInfo
    const ended = await machine.fnd(['up', '--json', '--port-prometheus', String(port)])
    server.close()
    expect(ended.code).toBe(1)
    const { error } = JSON.parse(ended.stdout)
    expect(error).toEqual(reports('FND_PORT_TAKEN'))
    expect(error.hint).toContain('--port-prometheus')
    expect(machine.leftovers()).toEqual([])
  })

  test('a state folder that cannot be written is named', async () => {
    const file = join(machine.root, 'a-file')
    writeFileSync(file, '')
    const ended = await machine.fnd(['up', '--json'], { env: { FND_STATE_DIR: join(file, 'state') } })
    expect(ended.code).toBe(1)
    expect(JSON.parse(ended.stdout).error).toEqual(reports('FND_FILE_UNWRITABLE'))
  })

  test('a corrupted bundle is refused with the file named', async () => {
    const bundle = join(machine.root, 'bundle')
    cpSync(baseModel, bundle, { recursive: true })
    appendFileSync(join(bundle, 'tokenizer.json'), ' ')
    const ended = await machine.fnd(['up', '--json', '--model', bundle])
    expect(ended.code).toBe(1)
    expect(JSON.parse(ended.stdout).error).toEqual(reports('FND_MODEL_CORRUPT'))
    expect(machine.leftovers()).toEqual([])
  })

  test('a component that keeps failing ends up early, with evidence, rolled back', async () => {
    // A Prometheus that tells its version and cannot do more.
    const fake = join(machine.root, 'prometheus')
    writeFileSync(fake, '#!/bin/sh\n[ "$1" = --version ] && echo 3.0.0 && exit\necho no room >&2; exit 7\n', {
      mode: 0o755,
    })
    const ended = await machine.fnd(['up', '--json'], { env: { FND_PROGRAMS_PROMETHEUS: fake } })
    expect(ended.code).toBe(1)
    const { error } = JSON.parse(ended.stdout)
    expect(error).toEqual(reports('FND_COMPONENT_FAILED'))
    expect(error.message).toContain('exit code 7. Its last line: no room')
    expect(ended.stderr).toContain(join(machine.root, 'cache/evidence/fnd-'))
    expect(machine.leftovers()).toEqual([])
  })

  test('what a failing up has started is ended, also where an interrupted one was before it', async () => {
    const state = join(machine.state, 'stacks/fnd')
    mkdirSync(state, { recursive: true })
    writeFileSync(join(state, 'stack.json'), JSON.stringify({ name: 'fnd', runtime: 'local' }))
    const fake = join(machine.root, 'prometheus')
    writeFileSync(fake, '#!/bin/sh\n[ "$1" = --version ] && echo 3.0.0 && exit\nexit 7\n', { mode: 0o755 })
    const ended = await machine.fnd(['up'], { env: { FND_PROGRAMS_PROMETHEUS: fake } })
    expect(ended.code).toBe(1)
    expect(machine.leftovers()).toEqual([])
  })

  test('--strict makes a missing Grafana an error', async () => {
    const ended = await machine.fnd(['up', '--json', '--strict'])
    expect(ended.code).toBe(4)
    expect(JSON.parse(ended.stdout).error).toEqual(reports('FND_PROGRAM_MISSING'))
    expect(machine.leftovers()).toEqual([])
  })
})

test.each([
  'Stack ',
  'Check this machine',
  'Prepare the folder',
  'Find Prometheus',
  'Find Grafana',
  'Start the components',
])('Ctrl-C after "%s" is healed by the next up', async (title) => {
  let pressed = false
  const ended = await machine.fnd(['up'], {
    onStderr: (text, interrupt) => {
      if (pressed || !text.includes(title)) return
      pressed = true
      interrupt()
    },
  })
  expect(ended.code).toBe(130)
  await machine.answer(['up'])
  expect((await machine.status()).components[0]?.state).toBe('running')
})
