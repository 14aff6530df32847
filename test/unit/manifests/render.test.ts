import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Ajv } from 'ajv'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { toFiles, toStream } from '../../../src/manifests/files.ts'
import type { KubernetesObject } from '../../../src/manifests/kubernetes-object.ts'
import { componentSelector, STACK_LABEL, stackLabels } from '../../../src/manifests/labels.ts'
import { renderManifests } from '../../../src/manifests/render.ts'
import { inlineKey } from '../../../src/registry/signature.ts'
import { clusterValues, input, kindValues } from './values.ts'

const withoutPassword = () => clusterValues({ name: 'other' }, { adminPassword: '' })
const gitOps = () => {
  const values = withoutPassword()
  return { ...values, grafana: { ...values.grafana, adminPassword: undefined } }
}

/** A stack on kind whose pods follow an alias in its own S3 server. */
const followingS3 = () =>
  kindValues({ model: MODEL }, { s3: { credentials: { key: 'fnd', secret: 'a secret' } }, images: WITH_S3 })
const MODEL = 's3://models/fnd-base#production'
const WITH_S3 = { ...input.images, s3: 'versity/versitygw:v1.8.0' }
const ROLE = 'arn:aws:iam::111122223333:role/fnd'
const followingAws = (kubernetes: object = { serviceAccount: { roleArn: ROLE } }) => {
  const values = clusterValues({ model: MODEL, kubernetes }, { adminPassword: '' })
  return { ...values, grafana: { ...values.grafana, adminPassword: undefined } }
}

/** The objects that are new or not the same. */
const changed = (before: readonly KubernetesObject[], after: readonly KubernetesObject[]) => {
  const known = new Set(before.map((object) => JSON.stringify(object)))
  return after.filter((object) => !known.has(JSON.stringify(object)))
}

const find = (objects: readonly KubernetesObject[], kind: string, name: string) =>
  objects.find((object) => object.kind === kind && object.metadata.name === name)

const podSpec = z.object({
  spec: z.object({
    template: z.object({
      metadata: z.object({ annotations: z.record(z.string(), z.string()).default({}) }),
      spec: z.looseObject({
        automountServiceAccountToken: z.boolean(),
        containers: z.array(z.looseObject({ name: z.string() })),
      }),
    }),
  }),
})
const templateOf = (objects: readonly KubernetesObject[], name: string) =>
  podSpec.parse(find(objects, 'Deployment', name)).spec.template
const configOf = (objects: readonly KubernetesObject[], name: string) =>
  templateOf(objects, name).metadata.annotations['fnd.dev/config']

const schemas = JSON.parse(
  readFileSync(new URL('../../fixtures/kubernetes-schemas/v1.34.json', import.meta.url), 'utf8'),
)
const ajv = new Ajv({ strict: false, validateFormats: false }).addSchema(
  { $defs: schemas.$defs },
  'kubernetes',
)

/** Checks an object as the API server of Kubernetes 1.34 would, unknown fields refused. */
function schemaProblems(object: KubernetesObject): string {
  const name = schemas.kinds[`${object.apiVersion}/${object.kind}`]
  ajv.validate(`kubernetes#/$defs/${name}`, JSON.parse(JSON.stringify(object)))
  return ajv.errorsText()
}

describe('the manifests of a stack', () => {
  it('on kind', async () => {
    await expect(toStream(renderManifests(kindValues()))).toMatchFileSnapshot('snapshots/kind.yaml')
  })

  it('on a cluster: autoscaler, volume, no node ports; the Secret of Grafana is expected to be there', async () => {
    await expect(toStream(renderManifests(gitOps()))).toMatchFileSnapshot('snapshots/cluster.yaml')
  })

  it('on kind with an S3 server that the pods fetch their model from', async () => {
    const differ = changed(renderManifests(kindValues()), renderManifests(followingS3()))
    await expect(toStream(differ)).toMatchFileSnapshot('snapshots/kind-s3.yaml')
  })

  it('on a cluster whose pods fetch from AWS S3 as an IAM role', async () => {
    const differ = changed(renderManifests(gitOps()), renderManifests(followingAws()))
    await expect(toStream(differ)).toMatchFileSnapshot('snapshots/cluster-s3.yaml')
  })

  it('are valid for the API server', () => {
    const apiKey = { backend: { apiKey: 'an API key of some length' } }
    for (const values of [kindValues(apiKey), gitOps(), followingS3(), followingAws()])
      for (const object of renderManifests(values))
        expect(schemaProblems(object), `${object.kind} ${object.metadata.name}`).toBe('No errors')
    const broken = { ...renderManifests(kindValues())[0], unknown: 1 } as KubernetesObject
    expect(schemaProblems(broken)).toContain('additional properties')
  })

  it('are the same for the same values', () => {
    expect(renderManifests(kindValues())).toEqual(renderManifests(kindValues()))
  })

  it('carry the labels that pruning and removal go by, and live in namespaces that come first', () => {
    const objects = renderManifests(kindValues({ name: 'demo' }))
    for (const { metadata } of objects)
      expect(metadata.labels).toMatchObject({ [STACK_LABEL]: 'demo', 'app.kubernetes.io/managed-by': 'fnd' })
    expect(objects.slice(0, 2).map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
      'Namespace fake-news-app-demo',
      'Namespace monitoring-demo',
    ])
    const used = new Set(objects.slice(2).map(({ metadata }) => metadata.namespace))
    expect([...used].sort()).toEqual(['fake-news-app-demo', 'monitoring-demo'])
  })

  it('let Prometheus alone talk to the API server, with leave to read pods in one namespace', () => {
    const objects = renderManifests(kindValues())
    const mounts = ['backend', 'prometheus', 'grafana'].map(
      (name) => templateOf(objects, name).spec.automountServiceAccountToken,
    )
    expect(mounts).toEqual([false, true, false])
    expect(objects.filter(({ kind }) => kind.startsWith('ClusterRole'))).toEqual([])
    expect(find(objects, 'Role', 'prometheus-discovery')).toMatchObject({
      metadata: { namespace: 'fake-news-app' },
      rules: [{ resources: ['pods'], verbs: ['get', 'list', 'watch'] }],
    })
  })

  it('roll the pods whose configuration changed, and no others', () => {
    const before = renderManifests(kindValues())
    const rules = renderManifests(kindValues({}, { rules: 'groups: [changed]\n' }))
    const password = renderManifests(kindValues({}, { adminPassword: 'another one' }))
    expect(configOf(rules, 'prometheus')).not.toBe(configOf(before, 'prometheus'))
    expect(configOf(rules, 'grafana')).toBe(configOf(before, 'grafana'))
    expect(configOf(password, 'grafana')).not.toBe(configOf(before, 'grafana'))
    expect(configOf(password, 'prometheus')).toBe(configOf(before, 'prometheus'))
    expect(configOf(before, 'backend')).toBeUndefined()
    const key = (apiKey: string) => configOf(renderManifests(kindValues({ backend: { apiKey } })), 'backend')
    expect(key('one API key of some length')).not.toBe(key('two API keys of some length'))
  })

  it("give the backend its settings as variables, but its address and port are the pod's own", () => {
    const objects = renderManifests(
      kindValues({
        backend: { rateLimit: 60, cors: 'https://a.example,https://b.example', host: '10.0.0.1' },
      }),
    )
    const env = templateOf(objects, 'backend').spec.containers[0]?.env
    expect(env).toContainEqual({ name: 'FND_BACKEND_RATE_LIMIT', value: '60' })
    expect(env).toContainEqual({ name: 'FND_BACKEND_CORS', value: 'https://a.example,https://b.example' })
    expect(env).toContainEqual({ name: 'FND_BACKEND_HOST', value: '0.0.0.0' })
    expect(env).not.toContainEqual({ name: 'FND_BACKEND_HOST', value: '10.0.0.1' })
  })

  it('take the credentials of a Secret one by one, so that it decides over nothing else', () => {
    const objects = renderManifests(followingAws({ registrySecret: 'models' }))
    const env = JSON.stringify(templateOf(objects, 'backend').spec.containers[0]?.env)
    expect(env).toContain('{"name":"AWS_SECRET_ACCESS_KEY","valueFrom":{"secretKeyRef":{"name":"models"')
    expect(env).not.toContain('envFrom')
    expect(objects.filter(({ kind }) => kind === 'Secret')).toEqual([])
  })

  it('let the backend call its registry and nobody else', () => {
    const egress = (values: ReturnType<typeof kindValues>) =>
      JSON.stringify(find(renderManifests(values), 'NetworkPolicy', 'registry')?.spec ?? null)
    expect(egress(kindValues())).toBe('null')
    expect(egress(followingS3())).toContain('"port":7070')
    expect(egress(followingS3())).not.toContain('"port":443')
    expect(egress(followingAws())).toContain('"port":443')
    const endpoint = { endpoint: 'https://minio.example:9000' }
    const other = (kubernetes: object) =>
      egress(clusterValues({ model: MODEL, registry: endpoint, kubernetes }))
    expect(other({ registrySecret: 'models' })).toContain('{"ports":[{"port":9000}]}')
    expect(other({})).toContain('{"ports":[{"port":9000},{"port":443}]}')
  })

  it('give the pods the trusted keys themselves, not the files that they are named by', () => {
    const { publicKey } = generateKeyPairSync('ed25519')
    const file = join(mkdtempSync(join(tmpdir(), 'fnd-key-')), 'key.pem')
    writeFileSync(file, publicKey.export({ type: 'spki', format: 'pem' }))
    const { env } = kindValues({ model: MODEL, registry: { trustedKeys: [file] } }).backend
    expect(env.FND_REGISTRY_TRUSTED_KEYS).toBe(inlineKey(publicKey))
    rmSync(dirname(file), { recursive: true })
  })

  it('refuse an endpoint that is this machine alone, unless it is the door of the stack’s own server', () => {
    const local = { model: MODEL, registry: { endpoint: 'http://127.0.0.1:7070' } }
    expect(() => kindValues(local)).toThrow('Pods cannot reach the registry at http://127.0.0.1:7070')
    const own = kindValues(local, { s3: {}, images: WITH_S3 })
    expect(own.backend.env.FND_REGISTRY_ENDPOINT).toBe('http://s3.fake-news-app:7070')
  })

  it('make Prometheus find the pods of this stack, each a target of its own', () => {
    const data = find(renderManifests(kindValues()), 'ConfigMap', 'prometheus-config')?.data
    const config = parse(z.object({ 'prometheus.yml': z.string() }).parse(data)['prometheus.yml'])
    const selector = Object.entries(componentSelector('fnd', 'backend'))
    expect(config.scrape_configs[0]).toMatchObject({
      job_name: 'backend',
      kubernetes_sd_configs: [
        {
          role: 'pod',
          namespaces: { names: ['fake-news-app'] },
          selectors: [
            { role: 'pod', label: selector.map(([label, value]) => `${label}=${value}`).join(',') },
          ],
        },
      ],
    })
    expect(config.global.scrape_interval).toBe('15s')
  })

  it('hold hostile dashboards, rules, passwords and keys as they are, and no object more', () => {
    const expected = renderManifests(kindValues({ backend: { apiKey: 'x'.repeat(16) } })).length
    fc.assert(
      fc.property(fc.string({ minLength: 16, unit: 'binary' }), (text) => {
        const hostile = `${text}\n---\nkind: ClusterRoleBinding\n"'\${namespaces.backend}`
        const objects = renderManifests(
          kindValues(
            { backend: { apiKey: hostile } },
            { rules: hostile, dashboards: { 'a.json': hostile }, adminPassword: hostile },
          ),
        )
        const read = parseAllDocuments(toStream(objects)).map((document) => document.toJS())
        expect(read).toHaveLength(expected)
        const data = (name: string) => read.find(({ metadata }) => metadata.name === name).data
        expect(data('prometheus-config')['rules.yaml']).toBe(hostile)
        expect(data('grafana-dashboards')['a.json']).toBe(hostile)
        for (const [secret, key] of [
          ['grafana-admin', 'admin-password'],
          ['backend-api-key', 'api-key'],
        ] as const)
          expect(Buffer.from(data(secret)[key], 'base64').toString()).toBe(Buffer.from(hostile).toString())
      }),
      { numRuns: 8 },
    )
  }, 30_000)

  it.each([
    ['name', { name: 'a\nkind: Pod' }],
    ['images.backend', { images: { ...kindValues().images, backend: 'x"\n- evil' } }],
    ['backend.annotations', { backend: { ...kindValues().backend, annotations: { 'a b': 'x' } } }],
    ['grafana.dashboards', { grafana: { ...kindValues().grafana, dashboards: { '../x': '{}' } } }],
    ['prometheus.scrapeInterval', { prometheus: { ...kindValues().prometheus, scrapeInterval: '1s}' } }],
  ])('refuse a %s that is none', (path, change) => {
    const render = () => renderManifests({ ...kindValues(), ...change })
    expect(render).toThrow(expect.objectContaining({ code: 'FND_MANIFEST_VALUE' }))
    expect(render).toThrow(path)
  })
})

describe('labels', () => {
  it('take any image tag as a version', () => {
    const valid = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/
    fc.assert(
      fc.property(fc.string({ maxLength: 130 }), (version) => {
        const label = stackLabels('fnd', version)['app.kubernetes.io/version'] ?? ''
        expect(label).toMatch(valid)
        expect(label.length).toBeLessThanOrEqual(63)
      }),
    )
  })
})

describe('files of manifests', () => {
  it('have names that sort in the order to apply them', () => {
    const objects = renderManifests(gitOps())
    const files = toFiles(objects)
    expect(Object.keys(files)).toHaveLength(objects.length)
    const kinds = Object.keys(files)
      .sort()
      .map((name) => parse(files[name] ?? '').kind)
    expect(kinds).toEqual(objects.map(({ kind }) => kind))
  })
})
