// What a local stack is made of: the command line, environment and files of each component, from the settings.

import { createHash, randomBytes } from 'node:crypto'
import { statSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { stringify } from 'yaml'
import type { Settings } from '../../config/schema.ts'
import { variablesOf } from '../../config/variables.ts'
import { ALLOCATOR } from '../../detector/allocator.ts'
import { MANIFEST } from '../../detector/bundle.ts'
import { bundledFolder } from '../../detector/bundled.ts'
import { GRAFANA_USER } from '../../observe/grafana.ts'
import {
  GRAFANA_SETTINGS,
  grafanaDashboards,
  grafanaDatasource,
  prometheusConfig,
  scrapeAddress,
} from '../../observe/provisioning.ts'
import { ruleFile } from '../../observe/rules.ts'
import { builtFile, packageRoot, packageVersion } from '../../package.ts'
import { isRegistrySource } from '../../registry/address.ts'
import { registryVariables } from '../../registry/variables.ts'
import { promDuration } from '../../units.ts'
import { reachedAt } from '../ports.ts'
import type { Program } from '../programs/find.ts'
import type { Component } from '../runtime.ts'
import type { ComponentSpec, DesiredState } from './state.ts'

export interface StackParts {
  settings: Settings
  folder: string
  /** Ports that are free, one for each component. */
  ports: Record<Component, number>
  prometheus?: Program | undefined
  grafana?: Program | undefined
  missing: DesiredState['missing']
  /** What was wanted before: its generated password stays. */
  before?: DesiredState | undefined
}

const PASSWORD_FILE = 'grafana/admin-password'

/** The whole stack as the supervisor is to keep it. */
export function desiredStack(parts: StackParts): DesiredState {
  const { settings, missing, prometheus, grafana } = parts
  return {
    name: settings.name,
    components: [
      backend(parts),
      ...(prometheus ? [prometheusServer(parts, prometheus)] : []),
      ...(grafana ? [grafanaServer(parts, grafana)] : []),
    ],
    missing,
  }
}

/** The generated password of Grafana's admin; undefined where there is no Grafana. */
export function grafanaPassword(desired: DesiredState | undefined): string | undefined {
  return desired?.components.find(({ component }) => component === 'grafana')?.files[PASSWORD_FILE]
}

function backend({ settings, ports }: StackParts): ComponentSpec {
  const env: Record<string, string> = {
    // ONNX Runtime would otherwise keep a telemetry database in the user's home.
    ORT_DISABLE_TELEMETRY: '1',
    ...ALLOCATOR,
    FND_PORTS_BACKEND: String(ports.backend),
    FND_MODEL: isOwnFolder(settings.model) ? resolve(settings.model) : settings.model,
    ...variablesOf(settings, 'backend'),
    ...registryVariables(settings),
  }
  if (settings.offline && isRegistrySource(settings.model)) env.FND_OFFLINE = 'true'
  return spec({
    component: 'backend',
    command: process.execPath,
    args: [`${packageRoot}bin/fnd.js`, 'serve'],
    env,
    files: {},
    url: `http://${reachedAt(settings.backend.host, ports.backend)}`,
    probe: '/health',
    version: packageVersion(),
    grace: (settings.backend.linger ?? 0) + settings.backend.grace + 5,
    // A new build of fnd, or another bundle in the same folder, is another backend.
    of: [
      timeOf(builtFile('main.cjs')),
      isOwnFolder(settings.model) ? timeOf(`${settings.model}/${MANIFEST}`) : 0,
    ],
  })
}

/** A folder of the user's, which may lie anywhere and change at any time. */
const isOwnFolder = (model: string): boolean => bundledFolder(model) === undefined && !isRegistrySource(model)

function prometheusServer({ settings, ports, folder }: StackParts, program: Program): ComponentSpec {
  const debianPages = `${resolve(program.home, '../share/prometheus/web')}/`
  return spec({
    component: 'prometheus',
    command: program.command,
    args: [
      `--config.file=${folder}/prometheus/prometheus.yml`,
      `--storage.tsdb.path=${folder}/prometheus/data`,
      `--storage.tsdb.retention.time=${promDuration(settings.prometheus.retention)}`,
      `--web.listen-address=127.0.0.1:${ports.prometheus}`,
      // Debian keeps the web pages apart from the binary and has a flag for where.
      ...(timeOf(debianPages) ? [`--web.local-assets=${debianPages}`] : []),
    ],
    env: {},
    files: {
      'prometheus/prometheus.yml': stringify(
        prometheusConfig(promDuration(settings.prometheus.scrapeInterval), 'rules.yml', [
          scrapeAddress(reachedAt(settings.backend.host, ports.backend)),
          scrapeAddress(`127.0.0.1:${ports.prometheus}`, 'prometheus'),
        ]),
      ),
      'prometheus/rules.yml': ruleFile(settings),
    },
    url: `http://127.0.0.1:${ports.prometheus}`,
    probe: '/-/healthy',
    version: program.version,
    grace: 20,
  })
}

function grafanaServer({ settings, ports, folder, before }: StackParts, program: Program): ComponentSpec {
  const server = basename(program.command) === 'grafana-server' ? [] : ['server']
  return spec({
    component: 'grafana',
    command: program.command,
    args: [...server, `--homepath=${program.home}`, `--config=${folder}/grafana/grafana.ini`],
    env: {},
    files: {
      [PASSWORD_FILE]: grafanaPassword(before) ?? randomBytes(18).toString('base64url'),
      'grafana/grafana.ini': grafanaConfig(folder, ports.grafana),
      'grafana/provisioning/datasources/prometheus.yaml': stringify(
        grafanaDatasource(
          `http://127.0.0.1:${ports.prometheus}`,
          promDuration(settings.prometheus.scrapeInterval),
        ),
      ),
      'grafana/provisioning/dashboards/fnd.yaml': stringify(
        grafanaDashboards(`${packageRoot}templates/grafana/dashboards`),
      ),
    },
    url: `http://127.0.0.1:${ports.grafana}`,
    probe: '/api/health',
    version: program.version,
    grace: 10,
  })
}

function grafanaConfig(folder: string, port: number): string {
  const own = `${folder}/grafana`
  const sections: typeof GRAFANA_SETTINGS = {
    paths: {
      data: `${own}/data`,
      logs: `${own}/logs`,
      plugins: `${own}/plugins`,
      provisioning: `${own}/provisioning`,
    },
    server: { http_addr: '127.0.0.1', http_port: String(port) },
    security: { admin_user: GRAFANA_USER, admin_password: `$__file{${folder}/${PASSWORD_FILE}}` },
    ...GRAFANA_SETTINGS,
  }
  return Object.entries(sections)
    .flatMap(([name, keys]) => [`[${name}]`, ...Object.entries(keys).map((pair) => pair.join(' = ')), ''])
    .join('\n')
}

function spec({
  of = [],
  version,
  ...rest
}: Omit<ComponentSpec, 'hash' | 'version'> & { version: string | undefined; of?: unknown[] }): ComponentSpec {
  const hash = createHash('sha256')
    .update(JSON.stringify([rest, of]))
    .digest('hex')
    .slice(0, 16)
  return { ...rest, hash, ...(version && { version }) }
}

/** When a file was last changed, in milliseconds; 0 when it is not there. */
function timeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
