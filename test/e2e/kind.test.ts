// A stack on real Kubernetes, told as its user lives it: interrupted, finished, fed, changed, hurt, and gone without a trace.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect } from '../../src/kube/client.ts'
import { POD, podsOf, readyPods } from '../../src/kube/pods.ts'
import { prometheusClient } from '../../src/observe/prometheus.ts'
import { underLoad } from '../support/under-load.ts'
import { docker, freshHome, hasEngine, slowdown } from './machine.ts'

const NAME = 'e2e'
const CLUSTER = 'fnd-e2e'
const NAMESPACE = 'fake-news-app-e2e'
const SCRAPE_SECONDS = 5
const STAND_IN = 'localhost/grafana-stand-in:e2e'
const BASE = process.env.FND_IMAGES_BASE ?? 'node:22-bookworm-slim'
const SLOW = /latency|slow|p9\d|CPU|event loop|queue/i
const TEXT =
  'The council voted on Tuesday to repair the two bridges over the river before winter, the mayor said.'

const home = freshHome({
  FND_NAME: NAME,
  FND_PORTS_BACKEND: '28711',
  FND_PORTS_PROMETHEUS: '29711',
  FND_PORTS_GRAFANA: '23711',
  FND_PROMETHEUS_SCRAPE_INTERVAL: `${SCRAPE_SECONDS}s`,
  FND_IMAGES_GRAFANA: process.env.FND_IMAGES_GRAFANA ?? STAND_IN,
})
const backend = new URL('http://127.0.0.1:28711')
const never = new AbortController().signal

const nodeContainers = (cluster: string) =>
  docker('ps', '-aq', '--filter', `label=io.x-k8s.kind.cluster=${cluster}`).split('\n').filter(Boolean)
const ownKubeconfig = () => join(home.folder, 'state/stacks', NAME, 'kubeconfig')
const outcomes = (data: Record<string, unknown>) =>
  (data.actions as { outcome: string }[]).map(({ outcome }) => outcome)
const told = (line: string) => process.stderr.write(`  e2e: ${line}\n`)

async function ask(text: string): Promise<number> {
  const response = await fetch(new URL('/predict', backend), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ text }),
  })
  await response.arrayBuffer()
  return response.status
}

describe.skipIf(!hasEngine())('a stack on kind', { timeout: 900_000 }, () => {
  let kubeconfigBefore: Buffer
  let networksBefore: string

  beforeAll(() => {
    kubeconfigBefore = readFileSync(home.kubeconfig)
    networksBefore = docker('network', 'ls', '--format', '{{.Name}}')
    const context = fileURLToPath(new URL('grafana-stand-in', import.meta.url))
    if (!process.env.FND_IMAGES_GRAFANA)
      docker('build', '--tag', STAND_IN, '--build-arg', `BASE=${BASE}`, context)
  })

  afterAll(async () => {
    await home.fnd(['down'])
    home[Symbol.dispose]()
  })

  it('refuses a kind cluster that somebody else has made, and leaves it', async () => {
    const label = (key: string, value: string) => ['--label', `io.x-k8s.kind.${key}=${value}`]
    const labels = [...label('cluster', 'fnd-theirs'), ...label('role', 'control-plane')]
    const id = docker('create', ...labels, BASE, 'true')
    try {
      const stranger = { FND_NAME: 'theirs', FND_RUNTIME: 'kind' }
      const up = await home.fnd(['up', '--json'], stranger)
      expect(up.code).toBe(1)
      expect(up.stdout).toContain('made by somebody else')
      const down = await home.fnd(['down', '--json'], stranger)
      expect(JSON.parse(down.stdout).error.code).toBe('FND_CLUSTER_FOREIGN')
      expect(nodeContainers('fnd-theirs')).toHaveLength(1)
    } finally {
      docker('rm', '-f', id)
    }
  })

  it('takes back the cluster when the image cannot be built', async () => {
    const broken = {
      FND_NAME: 'broken',
      FND_OFFLINE: 'true',
      FND_IMAGES_BASE: 'localhost/no-such-base:1',
      FND_PORTS_BACKEND: '0',
      FND_PORTS_PROMETHEUS: '0',
      FND_PORTS_GRAFANA: '0',
    }
    const up = await home.fnd(['up', '--runtime', 'kind', '--json'], broken)
    expect([up.code, JSON.parse(up.stdout).error.code]).toEqual([4, 'FND_IMAGE_MISSING'])
    expect(nodeContainers('fnd-broken')).toEqual([])
    expect(existsSync(join(home.folder, 'state/stacks/broken'))).toBe(false)
  })

  it('can be interrupted at three steps; the next up finishes', async () => {
    const up = ['up', '--runtime', 'kind']
    const archives = () => readdirSync(tmpdir()).filter((name) => name.startsWith('images-tar'))
    const before = archives()
    const creating = await home.interrupted(up, () => nodeContainers(CLUSTER).length > 0)
    expect(creating.code).toBe(130)
    const loading = await home.interrupted(up, (text) => text.includes('√ Create the kind cluster'))
    expect(loading.code).toBe(130)
    const waiting = await home.interrupted(up, (text) => text.includes('√ Apply the manifests'))
    expect(waiting.code).toBe(130)
    const data = await home.answer(up)
    expect(data.state).toBe('running')
    // kind leaves what it was writing when it is killed.
    expect(archives()).toEqual(before)
    expect(
      readdirSync(join(home.folder, 'state/stacks', NAME)).filter((name) => name.startsWith('kind-')),
    ).toEqual([])
    told(
      `interrupted after ${[creating, loading, waiting].map(({ seconds }) => `${seconds.toFixed(0)} s`).join(', ')}; finished in ${data.seconds} s`,
    )
  })

  it('answers predictions, takes load, and is healthy', async () => {
    const prediction = await home.answer(['predict', '--where', 'stack', TEXT])
    expect(prediction.where).toBe('stack')
    expect(prediction.label).toMatch(/^(Fake|Real|Uncertain)$/)
    const { stdout } = await home.fnd(['logs', 'backend', '--tail', '1'])
    const pods = stdout
      .trim()
      .split('\n')
      .map((line) => line.split(' ')[0])
    expect(new Set(pods).size, stdout).toBe(2)
    const load = await home.answer(['load', '--rps', '5', '--duration', '20s', '--bad', '10%'])
    expect(load).toMatchObject({ interrupted: false, failed: 0, errors: 0, limited: 0, unsent: 0 })
    const { bad } = load as { bad: Record<'sent' | 'refused', number> }
    expect(bad.refused).toBe(bad.sent)
    await sleep(2 * SCRAPE_SECONDS * 1000)
    const health = await home.fnd(['health', '--window', '1m', '--instances', '--json'])
    const { data } = JSON.parse(health.stdout)
    expect(data.source.kind).toBe('prometheus')
    expect(data.instances).toHaveLength(2)
    for (const figure of ['rate', 'p95', 'cpu', 'memory'])
      expect(data.figures[figure].value, figure).toBeGreaterThan(0)
    expect(health.code, JSON.stringify(data)).toBe(data.state === 'unhealthy' ? 3 : 0)
    // A machine that is busy with other work makes a service slow, and nothing else.
    const ills = data.findings.filter(({ level }: { level: string }) => level === 'bad')
    expect(ills.filter(({ what }: { what: string }) => !SLOW.test(what))).toEqual([])
    if (slowdown() === 1) expect(ills).toEqual([])
  })

  it('changes nothing the second time', async () => {
    const data = await home.answer(['up'])
    expect(outcomes(data)).toEqual(['unchanged', 'unchanged', 'unchanged', 'unchanged'])
    expect(JSON.stringify(data.actions)).toContain('0 created, 0 configured')
    told(`second up: ${data.seconds} s`)
    expect(data.seconds).toBeLessThan(10 * slowdown())
    expect((await home.fnd(['diff'])).code).toBe(0)
  })

  it('passes every check: security, RBAC, a target per pod, Grafana, the proof of the flow', async () => {
    const { code, stdout } = await home.fnd(['check', '--json'])
    const { phase, results } = JSON.parse(stdout).data
    const failed = results.filter(({ outcome }: { outcome: string }) => outcome === 'fail')
    expect(failed).toEqual([])
    expect([code, phase]).toEqual([0, 'after'])
    const passed = results.filter(({ outcome }: { outcome: string }) => outcome === 'pass')
    expect(passed.map(({ title }: { title: string }) => title)).toEqual(
      expect.arrayContaining([
        'a privileged pod is refused',
        'every backend pod is a target of its own, and up',
        'Prometheus has the count after its next scrape',
        'Grafana shows it through its datasource',
      ]),
    )
  })

  it('shows a change with diff and rolls it out without a failed request', async () => {
    const change = { FND_BACKEND_LOG_LEVEL: 'warn' }
    const diff = await home.fnd(['diff'], change)
    expect(diff.code).toBe(3)
    expect(diff.stdout).toMatch(/- +value: info\n\+ +value: warn/)
    const load = underLoad(backend, 2)
    const data = await home.answer(['up'], change)
    await sleep(8000)
    const { answered, failed } = await load.stop()
    told(`rolled under load in ${data.seconds} s: ${answered} answered, ${failed.length} failed`)
    expect(JSON.stringify(data.actions)).toContain('1 configured')
    expect(failed).toEqual([])
    expect(answered).toBeGreaterThan(50)
  })

  it('replaces a killed pod, and Prometheus follows within two scrapes', async () => {
    const client = await connect({ kubeconfig: ownKubeconfig() }, never)
    const where = { namespace: NAMESPACE, labels: 'app.kubernetes.io/name=fnd-backend' }
    const before = await readyPods(client, where)
    expect(before).toHaveLength(2)
    const [victim] = before
    if (victim) await client.remove(victim)
    const prometheus = prometheusClient(new URL('http://127.0.0.1:29711'))
    let ready: string[] = []
    await expect
      .poll(
        async () => {
          ready = (await readyPods(client, where)).map(({ metadata }) => metadata.name)
          return ready.length === 2 && !ready.includes(victim?.metadata.name ?? '')
        },
        { timeout: 90_000, interval: 250 },
      )
      .toBe(true)
    const replaced = performance.now()
    await expect
      .poll(
        async () => {
          const up = (await prometheus.targets(never)).filter(({ health }) => health === 'up')
          return ready.every((pod) => up.some(({ labels }) => labels.pod === pod))
        },
        { timeout: 60_000, interval: 250 },
      )
      .toBe(true)
    const seconds = (performance.now() - replaced) / 1000
    told(`Prometheus followed the new pod in ${seconds.toFixed(1)} s (scrape interval ${SCRAPE_SECONDS} s)`)
    expect(seconds).toBeLessThan(2 * SCRAPE_SECONDS + 2)
  })

  it('keeps strangers from the backend, where the cluster enforces network policies', async (context) => {
    const client = await connect({ kubeconfig: ownKubeconfig() }, never)
    const [pod] = await podsOf(client, { namespace: NAMESPACE, labels: '' })
    const image = pod?.spec.containers[0]?.image
    const url = `http://backend-service.${NAMESPACE}:8000/health`
    const script = `fetch('${url}', { signal: AbortSignal.timeout(5000) }).then(() => process.exit(0), () => process.exit(9))`
    const ref = { ...POD, metadata: { name: 'stranger', namespace: 'default' } }
    await client.apply({
      ...ref,
      spec: {
        restartPolicy: 'Never',
        containers: [
          { name: 'main', image, command: ['node', '-e', script], imagePullPolicy: 'IfNotPresent' },
        ],
      },
    })
    let phase: unknown
    await expect
      .poll(
        async () => {
          const status = (await client.read(ref))?.status
          phase = typeof status === 'object' && status !== null && 'phase' in status ? status.phase : ''
          return phase === 'Succeeded' || phase === 'Failed'
        },
        { timeout: 60_000, interval: 500 },
      )
      .toBe(true)
    await client.remove(ref)
    if (phase === 'Succeeded') context.skip('the CNI of this cluster does not enforce network policies')
    expect(phase).toBe('Failed')
  })

  it('stands beside another stack on an existing cluster, reached through the API, removed alone', async () => {
    const client = await connect({ kubeconfig: ownKubeconfig() }, never)
    const [pod] = await podsOf(client, { namespace: NAMESPACE, labels: 'app.kubernetes.io/name=fnd-backend' })
    // The same cluster as somebody else knows it: another kubeconfig, another context.
    const kubeconfig = join(home.folder, 'elsewhere.yaml')
    const content = readFileSync(ownKubeconfig(), 'utf8').replaceAll(client.context, 'elsewhere')
    writeFileSync(kubeconfig, content)
    const second = {
      KUBECONFIG: kubeconfig,
      FND_NAME: 'beside',
      FND_CONTEXT: 'elsewhere',
      FND_IMAGES_BACKEND: pod?.spec.containers[0]?.image,
      FND_KUBERNETES_REPLICAS: '1',
      FND_KUBERNETES_STORAGE: '1Gi',
    }
    const data = await home.answer(['up', '--runtime', 'cluster'], second)
    expect(data).toMatchObject({ state: 'running', endpoints: {} })
    for (const kind of [
      { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler' },
      { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' },
    ])
      expect(await client.list(kind, { namespace: 'fake-news-app-beside' }), kind.kind).toHaveLength(1)
    const prediction = await home.answer(['predict', '--where', 'stack', TEXT], second)
    expect(JSON.stringify(prediction)).toContain('"label"')
    const check = await home.fnd(['check', '--json'], second)
    expect(check.code, check.stdout).toBe(0)
    const health = await home.fnd(['health', '--json'], second)
    expect([0, 3], health.stdout + health.stderr).toContain(health.code)
    let status: number | undefined
    const open = await home.interrupted(
      ['open', 'docs'],
      async (printed) => {
        const url = /http:\S+/.exec(printed)?.[0]
        if (url) status = (await fetch(url)).status
        return url !== undefined
      },
      second,
    )
    expect([status, open.code]).toEqual([200, 0])
    expect(outcomes(await home.answer(['up'], second))).toEqual(['unchanged', 'unchanged'])
    const down = await home.answer(['down'], second)
    expect((down.removed as string[]).length).toBeGreaterThan(20)
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'fake-news-app-beside' } }
    expect(await client.read(namespace)).toBeUndefined()
    expect(readFileSync(kubeconfig, 'utf8')).toBe(content)
    expect(await ask(TEXT)).toBe(200)
  })

  it('writes a bug report without secrets', async () => {
    const data = await home.answer(['support', '--output', 'report.tar.gz'])
    const parts = data.parts as { file: string; problem?: string }[]
    expect(parts.filter(({ problem }) => problem)).toEqual([])
    expect(parts.map(({ file }) => file)).toContain('evidence/manifests.yaml')
  })

  it('goes without a trace, and the kubeconfig of the user is what it was', async () => {
    const first = await home.answer(['down'])
    expect(first.removed).toEqual([`kind cluster ${CLUSTER}`])
    expect(String(first.kept)).toContain('localhost/fnd-backend')
    expect(nodeContainers(CLUSTER)).toEqual([])
    // The network `kind` belongs to kind and is shared by all its clusters.
    const own = docker('network', 'ls', '--format', '{{.Name}}')
      .split('\n')
      .filter((name) => !networksBefore.split('\n').includes(name))
    expect(own.filter((name) => name !== 'kind')).toEqual([])
    expect((await home.answer(['down'])).removed).toEqual([])
    expect((await home.fnd(['status'])).code).toBe(4)
    expect(readFileSync(home.kubeconfig).equals(kubeconfigBefore)).toBe(true)
  })
})
