import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadSettings } from '../../../src/config/load.ts'
import { envName, settingEntries } from '../../../src/config/schema.ts'

let cwd: string
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'fnd-settings-'))
})
afterEach(() => rm(cwd, { recursive: true, force: true }))

const load = (flags: Record<string, unknown> = {}, env: NodeJS.ProcessEnv = {}, file?: string) =>
  loadSettings({ flags, flagNames: { 'ports.backend': '--port-backend', name: '--name' }, env, cwd, file })

describe('loadSettings', () => {
  it('gives the defaults where nothing is said', async () => {
    const settings = await load()
    expect(settings.name).toBe('fnd')
    expect(settings.ports).toEqual({ backend: 8000, prometheus: 9090, grafana: 3001, s3: 7070 })
    expect(settings.backend.host).toBe('127.0.0.1')
  })

  it('takes flags over the environment over fnd.yaml', async () => {
    await writeFile(join(cwd, 'fnd.yaml'), 'ports:\n  backend: 1000\n  prometheus: 1001\n  grafana: 1002\n')
    const settings = await load(
      { 'ports.backend': '3000', 'ports.prometheus': undefined },
      { FND_PORTS_BACKEND: '2000', FND_PORTS_PROMETHEUS: '2001' },
    )
    expect(settings.ports).toEqual({ backend: 3000, prometheus: 2001, grafana: 1002, s3: 7070 })
  })

  it('takes no credentials in the address of a registry', async () => {
    const env = { FND_REGISTRY_ENDPOINT: 'http://me:secret@s3.example:9000' }
    await expect(load({}, env)).rejects.toThrow('AWS default chain')
    await expect(load({}, env)).rejects.not.toThrow('me:secret')
  })

  it('reads durations, shares, lists and switches from text', async () => {
    const settings = await load(
      { timeout: '2m' },
      {
        FND_SLO_AVAILABILITY: '99.5%',
        FND_BACKEND_CORS: 'http://a.test, http://b.test',
        FND_OFFLINE: 'true',
        FND_PORTS_BACKEND: ' 8001',
      },
    )
    expect(settings.timeout).toBe(120)
    expect(settings.slo.availability).toBeCloseTo(0.995, 12)
    expect(settings.backend.cors).toEqual(['http://a.test', 'http://b.test'])
    expect(settings.offline).toBe(true)
    expect(settings.ports.backend).toBe(8001)
  })

  it.each([
    ['flags', { 'ports.backend': '99999' }, {}, '', /command line: --port-backend: must be at most 65535/],
    [
      'the environment',
      {},
      { FND_TIMEOUT: 'soon' },
      '',
      /environment: FND_TIMEOUT: .*'soon' is not a duration/,
    ],
    [
      'a number that is none',
      {},
      { FND_PORTS_BACKEND: '8e3' },
      '',
      /FND_PORTS_BACKEND: must be a whole number, not .8e3.$/,
    ],
    ['a setting left empty', {}, {}, 'ports:\n  backend:\n', /ports\.backend: must be a number, not 'null'$/],
    [
      'a switch for a number',
      {},
      {},
      'backend: { workers: true }\n',
      /backend\.workers: must be a number, not 'true'$/,
    ],
    [
      'an address that is none',
      { 'registry.endpoint': 'errors=1%' },
      {},
      '',
      /registry\.endpoint: must be an http address, such as http:/,
    ],
    ['a wait beyond any timer', { 'registry.keep': '30d' }, {}, '', /registry\.keep: is longer than 24d/],
    ['the file', {}, {}, 'port: 8000\n', /fnd\.yaml: port is not a setting; did you mean ports\?/],
    ['a file that is no mapping', {}, {}, '- 1\n', /fnd\.yaml: must be a mapping/],
    [
      'two words of the file',
      {},
      {},
      'ports:\n  backnd: 8000\nzebra: 1\n',
      /zebra is not a setting.*ports\.backnd is not a setting; did you mean ports\.backend\?|ports\.backnd .*ports\.backend\?; zebra is not a setting$/,
    ],
    ['a variable', {}, { FND_PORT_BACKEND: '1' }, '', /environment: FND_PORT_BACKEND .* FND_PORTS_BACKEND\?/],
    ['its words turned round', {}, { FND_BACKEND_PORT: '1' }, '', /did you mean FND_PORTS_BACKEND\?/],
    ['broken YAML', {}, {}, 'ports: [\n  1\nname: x\n', /fnd\.yaml: line \d, column \d+: [^\n]+$/],
    [
      'an objective between two buckets',
      { 'slo.latency': '333ms' },
      {},
      '',
      /command line: slo\.latency: must be an edge .* 0\.3s/,
    ],
    [
      'a word that is none of those',
      {},
      { FND_RUNTIME: 'mars' },
      '',
      /FND_RUNTIME: must be one of auto, .*not 'mars'$/,
    ],
    ['a stack name', { name: 'My Stack' }, {}, '', /command line: --name: must be lower-case/],
    ['a role', { 'kubernetes.serviceAccount.roleArn': 'fnd' }, {}, '', /roleArn: is not a role such as arn:/],
  ])('names the source and the setting that is wrong: %s', async (_, flags, env, yaml, message) => {
    if (yaml) await writeFile(join(cwd, 'fnd.yaml'), yaml)
    await expect(load(flags, env)).rejects.toMatchObject({
      code: 'FND_SETTINGS_INVALID',
      message: expect.stringMatching(message),
    })
  })

  it('takes annotations as a mapping, and from a variable as pairs', async () => {
    const key = 'eks.amazonaws.com/role-arn'
    await writeFile(join(cwd, 'fnd.yaml'), `kubernetes: { serviceAccount: { annotations: { ${key}: a=b } } }`)
    expect((await load()).kubernetes.serviceAccount.annotations).toEqual({ [key]: 'a=b' })
    const env = { FND_KUBERNETES_SERVICE_ACCOUNT_ANNOTATIONS: `${key}=a=b, x=` }
    expect((await load({}, env)).kubernetes.serviceAccount.annotations).toEqual({ [key]: 'a=b', x: '' })
    await expect(load({}, { FND_KUBERNETES_SERVICE_ACCOUNT_ANNOTATIONS: 'x' })).rejects.toThrow('key=value')
  })

  it('passes over variables that are no slip of one of its own', async () => {
    expect((await load({}, { FND_TEST_PROMETHEUS: '/x', FND_STATE_DIR: '/y' })).name).toBe('fnd')
  })

  it('takes an empty FND_CONFIG for none', async () => {
    expect((await load({}, { FND_CONFIG: '' })).name).toBe('fnd')
  })

  it('says that a settings file named by the user is not there', async () => {
    await expect(load({}, {}, 'other.yaml')).rejects.toMatchObject({ code: 'FND_FILE_UNREADABLE' })
  })
})

describe('settingEntries', () => {
  it('gives every setting a meaning and an environment variable of its own', () => {
    const entries = settingEntries()
    expect(entries.length).toBeGreaterThan(20)
    for (const entry of entries) expect(entry.description, entry.path).not.toBe('')
    expect(new Set(entries.map((entry) => entry.env)).size).toBe(entries.length)
    expect(envName('backend.logLevel')).toBe('FND_BACKEND_LOG_LEVEL')
  })
})
