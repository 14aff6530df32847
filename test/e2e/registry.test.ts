// Models with a life on real Kubernetes: an S3 server in the cluster, pods that follow an alias, a registry that is away.

import { copyFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect, type KubeClient } from '../../src/kube/client.ts'
import { podsOf, readyPods } from '../../src/kube/pods.ts'
import { workingBundle } from '../support/bundle.ts'
import { s3Program } from '../support/s3-server.ts'
import { underLoad } from '../support/under-load.ts'
import { docker, freshHome, hasEngine, slowdown } from './machine.ts'

const NAME = 'registry'
const CLUSTER = 'fnd-registry'
const NAMESPACE = 'fake-news-app-registry'
const S3_IMAGE = 'localhost/versitygw:e2e'
const BASE = process.env.FND_IMAGES_BASE ?? 'node:22-bookworm-slim'
const MODEL = 's3://models/fnd-base'
const PODS = { namespace: NAMESPACE, labels: 'app.kubernetes.io/name=fnd-backend' }

const program = hasEngine() ? s3Program() : undefined
const home = freshHome({
  FND_NAME: NAME,
  FND_RUNTIME: 'kind',
  FND_PORTS_BACKEND: '28712',
  FND_PORTS_PROMETHEUS: '29712',
  FND_PORTS_GRAFANA: '23712',
  FND_PORTS_S3: '27712',
  FND_REGISTRY_POLL: '1s',
  FND_PROMETHEUS_SCRAPE_INTERVAL: '5s',
  // Nothing is pulled: the stack does without Grafana, and says so.
  FND_OFFLINE: 'true',
  FND_IMAGES_GRAFANA: 'localhost/no-grafana:1',
  FND_IMAGES_S3: process.env.FND_IMAGES_S3 ?? S3_IMAGE,
})
const backend = new URL('http://127.0.0.1:28712')
const never = new AbortController().signal
const told = (line: string) => process.stderr.write(`  e2e: ${line}\n`)
const following = { FND_MODEL: `${MODEL}#production` }

interface Component {
  component: string
  instance: string
  state: string
  reason?: string
}

describe.skipIf(!program)('a registry in the cluster', { timeout: 900_000 }, () => {
  let client: KubeClient
  let aws: NodeJS.ProcessEnv

  const status = async () => {
    const { stdout } = await home.fnd(['status', '--json'], following)
    return JSON.parse(stdout).data as { state: string; components: Component[]; notes: string[] }
  }
  const model = (...args: string[]) => home.answer(['model', ...args], { ...aws, FND_OFFLINE: 'false' })
  const secretOf = async (name: string) => {
    const found = await client.read({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace: NAMESPACE, name },
    })
    return (found as { data?: Record<string, string> } | undefined)?.data ?? {}
  }

  beforeAll(() => {
    if (process.env.FND_IMAGES_S3 || !program) return
    const context = mkdtempSync(join(tmpdir(), 'fnd-s3-image-'))
    cpSync(fileURLToPath(new URL('s3-image', import.meta.url)), context, { recursive: true })
    copyFileSync(program, join(context, 'versitygw'))
    docker('build', '--tag', S3_IMAGE, '--build-arg', `BASE=${BASE}`, context)
    rmSync(context, { recursive: true })
  })

  afterAll(async () => {
    await home.fnd(['down'])
    home[Symbol.dispose]()
  })

  it('comes up with an S3 server, says how to use it, and prints no secret', async () => {
    const data = await home.answer(['up', '--s3'])
    told(`up --s3: ${data.seconds} s`)
    expect(data.endpoints).toMatchObject({ s3: 'http://127.0.0.1:27712' })
    client = await connect({ kubeconfig: join(home.folder, 'state/stacks', NAME, 'kubeconfig') }, never)
    const secret = await secretOf('s3')
    const value = (key: string) => Buffer.from(secret[key] ?? '', 'base64').toString()
    const notes = (data.notes as string[]).join('\n')
    expect(notes).toContain('export AWS_ENDPOINT_URL_S3=http://127.0.0.1:27712 AWS_REGION=us-east-1')
    expect(notes).toContain('get secret s3')
    expect(notes).not.toContain(value('AWS_SECRET_ACCESS_KEY'))
    expect(value('env')).toBe(
      `export AWS_ACCESS_KEY_ID=${value('AWS_ACCESS_KEY_ID')}\nexport AWS_SECRET_ACCESS_KEY=${value('AWS_SECRET_ACCESS_KEY')}\n`,
    )
    aws = {
      AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:27712',
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: value('AWS_ACCESS_KEY_ID'),
      AWS_SECRET_ACCESS_KEY: value('AWS_SECRET_ACCESS_KEY'),
    }
    const { components } = await status()
    expect(components.find(({ component }) => component === 's3')).toMatchObject({ state: 'running' })
    expect(components.find(({ component }) => component === 'grafana')).toMatchObject({
      state: 'missing',
      reason: expect.stringContaining('localhost/no-grafana:1 is neither in the cluster nor in Docker'),
    })
  })

  it('takes two versions from this machine; the pods start from the alias', async () => {
    for (const version of ['1', '2']) {
      using bundle = workingBundle(version)
      await model('push', bundle.folder, MODEL)
    }
    await model('promote', `${MODEL}@1`)
    const before = await secretOf('s3')
    const data = await home.answer(['up'], following)
    told(`up --model ${MODEL}#production: ${data.seconds} s`)
    // The S3 server belongs to the cluster: it stays with its account, though nobody asks for it again.
    expect(await secretOf('s3')).toEqual(before)
    const load = underLoad(backend, 1)
    await sleep(2000)
    const { failed } = await load.stop()
    expect(failed).toEqual([])
    expect(new Set(load.versions)).toEqual(new Set(['1']))
    expect((await home.fnd(['diff'], following)).code).toBe(0)
    const { code, stdout } = await home.fnd(['check', '--json'], following)
    expect(code, stdout).toBe(0)
  })

  it('promotes and rolls back in the pods under 8 clients without a failed request', async () => {
    const load = underLoad(backend, 8)
    const taken = async (version: string) => {
      const started = performance.now()
      await expect
        .poll(() => load.versions.slice(-40).every((seen) => seen === version) && load.versions.length > 40, {
          timeout: 120_000 * slowdown(),
          interval: 100,
        })
        .toBe(true)
      return `${((performance.now() - started) / 1000).toFixed(0)} s`
    }
    const took = [await taken('1')]
    await model('promote', `${MODEL}@2`)
    took.push(await taken('2'))
    await model('rollback', MODEL)
    took.push(await taken('1'))
    const { answered, failed } = await load.stop()
    told(`1, 2, 1 in ${took.join(', ')}: ${answered} answered, ${failed.length} failed`)
    expect(failed).toEqual([])
    expect(new Set(load.versions)).toEqual(new Set(['1', '2']))
    const restarts = (await podsOf(client, PODS)).flatMap(({ status: { containerStatuses } }) =>
      containerStatuses.map(({ restartCount }) => restartCount),
    )
    expect(restarts).toEqual([0, 0])
  })

  it('goes on without the registry; a pod that starts anew says why it is not ready, and starts when it is back', async () => {
    const load = underLoad(backend, 2)
    const kubectl = [
      'exec',
      `${CLUSTER}-control-plane`,
      'kubectl',
      '--kubeconfig',
      '/etc/kubernetes/admin.conf',
    ]
    docker(...kubectl, '-n', NAMESPACE, 'scale', 'deployment', 's3', '--replicas=0')
    const servers = { namespace: NAMESPACE, labels: 'app.kubernetes.io/name=versitygw' }
    await expect.poll(async () => (await podsOf(client, servers)).length, { timeout: 60_000 }).toBe(0)
    const [victim, survivor] = await readyPods(client, PODS)
    if (victim) await client.remove(victim)
    const anew = async () =>
      (await status()).components.find(
        ({ component, state, instance }) =>
          component === 'backend' && state === 'starting' && instance !== survivor?.metadata.name,
      )
    await expect
      .poll(async () => (await anew())?.reason, { timeout: 120_000, interval: 1000 })
      .toContain(`The model registry at http://s3.${NAMESPACE}:7070 does not answer`)
    told(`without the registry: ${(await anew())?.reason}`)
    // What belongs to the stack is brought back by it.
    const data = await home.answer(['up'], following)
    expect(JSON.stringify(data.actions)).toContain('1 configured')
    expect(await readyPods(client, PODS)).toHaveLength(2)
    const { answered, failed } = await load.stop()
    told(`up again in ${data.seconds} s: ${answered} answered meanwhile, ${failed.length} failed`)
    expect(failed).toEqual([])
    expect(new Set(load.versions)).toEqual(new Set(['1']))
  })

  it('goes without a trace, and says what stays in Docker', async () => {
    const { removed, kept } = (await home.answer(['down'])) as { removed: string[]; kept: string[] }
    expect(removed).toEqual([`kind cluster ${CLUSTER}`])
    expect(kept.join()).toContain('localhost/fnd-backend')
    expect(docker('ps', '-aq', '--filter', `label=io.x-k8s.kind.cluster=${CLUSTER}`)).toBe('')
  })
})
