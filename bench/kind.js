// `fnd up` on kind beside the same cluster made by hand: kind create, kind load, kubectl apply, kubectl wait.
// FND_IMAGES_* and FND_OFFLINE as for fnd itself; nothing is built in either, the images must be in Docker.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { renderKindConfig } from '../dist/manifests/kind-config.js'
import { packageRoot } from '../dist/package.js'
import { median } from './figures.js'

const ROUNDS = Number(process.env.FND_BENCH_ROUNDS ?? 3)
const NAME = 'bench'
const CLUSTER = `fnd-${NAME}`
const PORTS = { backend: 27000, prometheus: 27090, grafana: 27300 }
const FND = [process.execPath, join(packageRoot, 'bin/fnd.js')]

export async function run() {
  const home = mkdtempSync(join(tmpdir(), 'fnd-bench-'))
  const env = {
    ...process.env,
    HOME: home,
    KUBECONFIG: join(home, 'kubeconfig'),
    FND_STATE_DIR: join(home, 'state'),
    FND_NAME: NAME,
    FND_RUNTIME: 'kind',
    ...Object.fromEntries(
      Object.entries(PORTS).map(([component, port]) => [`FND_PORTS_${component.toUpperCase()}`, `${port}`]),
    ),
  }
  const program = ([command, ...args], input) => runProgram(command, args, { env, cwd: home }, input)
  const fnd = (...args) => program([...FND, ...args])
  try {
    // Builds the image where it lacks, and warms the disk cache for both.
    await fnd('up', '--quiet')
    await fnd('down', '--quiet')
    const { data } = JSON.parse(await fnd('render', '--for', 'kind', '--json'))
    const ratios = []
    for (let round = 1; round <= ROUNDS; round++) {
      // In turns: a busy neighbour then hurts both alike.
      const bare = await timed(() => byHand(program, data))
      await program(['kind', 'delete', 'cluster', '--name', CLUSTER])
      const own = await timed(async () => JSON.parse(await fnd('up', '--json')).data)
      await fnd('down', '--quiet')
      ratios.push(own.seconds / bare.seconds)
      console.log(`round ${round}   by hand ${told(bare)}`)
      console.log(`          fnd up  ${told({ ...own, result: steps(own.result) })}`)
      console.log(`          ratio   ${(own.seconds / bare.seconds).toFixed(2)}`)
    }
    console.log(`ratio     ${median(ratios).toFixed(2)} (median of ${ROUNDS})`)
  } finally {
    await fnd('down', '--quiet').catch(() => {})
    await program(['kind', 'delete', 'cluster', '--name', CLUSTER]).catch(() => {})
    rmSync(home, { recursive: true, force: true })
  }
}

/** The same cluster, images, objects and pods. Resolves to the seconds of each step. */
async function byHand(program, { objects }) {
  const config = renderKindConfig({
    name: CLUSTER,
    stack: NAME,
    ports: PORTS,
    nodeImage: process.env.FND_IMAGES_NODE,
  })
  const images = objects.flatMap(({ spec }) =>
    (spec?.template?.spec.containers ?? []).map(({ image }) => image),
  )
  const monitoring = objects.find(
    ({ kind, metadata }) => kind === 'Namespace' && /^monitoring/.test(metadata.name),
  )
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'grafana-admin', namespace: monitoring.metadata.name },
    stringData: { 'admin-password': 'of-this-bench-alone-0123' },
  }
  const items = objects.toSpliced(objects.indexOf(monitoring) + 1, 0, secret)
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
  const took = {}
  const step = async (name, work) => {
    took[name] = (await timed(work)).seconds
  }
  await step('create', () => program(['kind', 'create', 'cluster', '--config', '-'], config))
  await step('load', () => program(['kind', 'load', 'docker-image', '--name', CLUSTER, ...images]))
  await step('apply', () => program(['kubectl', 'apply', '--server-side', '-f', '-'], list))
  await step('wait', async () => {
    for (const { kind, metadata } of objects)
      if (kind === 'Deployment')
        await program([
          'kubectl',
          '-n',
          metadata.namespace,
          'rollout',
          'status',
          `deployment/${metadata.name}`,
        ])
  })
  return took
}

const steps = ({ actions }) => Object.fromEntries(actions.map(({ id, seconds }) => [id, seconds]))

const told = ({ seconds, result }) =>
  `${seconds.toFixed(1)} s (${Object.entries(result)
    .map(([name, took]) => `${name} ${took.toFixed(1)}`)
    .join(', ')})`

async function timed(work) {
  const began = performance.now()
  const result = await work()
  return { result, seconds: (performance.now() - began) / 1000 }
}

async function runProgram(command, args, options, input) {
  const child = spawn(command, args, { ...options, stdio: ['pipe', 'pipe', 'pipe'] })
  child.stdin.end(input)
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${command} ${args.slice(0, 2).join(' ')} ended with ${code}:\n${stderr}`)
  return stdout
}
