// The external programs that fnd runs: pinned official releases, where they are published, what Debian calls them.

import { VERSIONS } from '../../versions.ts'

export type ProgramName = 'prometheus' | 'grafana' | 'kind'

/** Operating system and processor as Go release files name them. */
export interface Target {
  os: 'linux' | 'darwin'
  arch: 'amd64' | 'arm64'
}

export interface ProgramRelease {
  /** As a user reads it. */
  title: string
  version: string
  /** What to look for on PATH, in this order. */
  commands: readonly string[]
  /** Path of the binary within the unpacked release. */
  binary: string
  /** Address of the release file: a .tar.gz with one top folder, or the bare binary. */
  address: (target: Target) => string
  /** Address of the publisher's SHA-256 file: a bare hash, or lines of `<hash>  <file name>`. */
  checksums: (target: Target) => string
  /** Parts of the archive that are needed; everything when absent. */
  keep?: readonly string[]
  /** The Debian and Ubuntu package that carries it, and the path of the binary within. */
  debian?: { package: string; binary: string }
  /** How to get it by hand. */
  homepage: string
}

const GITHUB = 'https://github.com'
const GRAFANA = 'https://dl.grafana.com/oss/release'
const { prometheus, grafana, kind } = VERSIONS
const PROMETHEUS_RELEASE = `${GITHUB}/prometheus/prometheus/releases/download/v${prometheus}`
const KIND_RELEASE = `${GITHUB}/kubernetes-sigs/kind/releases/download/v${kind}`
const grafanaFile = ({ os, arch }: Target) => `${GRAFANA}/grafana-${grafana}.${os}-${arch}.tar.gz`
const kindFile = ({ os, arch }: Target) => `${KIND_RELEASE}/kind-${os}-${arch}`

export const RELEASES: Readonly<Record<ProgramName, ProgramRelease>> = {
  prometheus: {
    title: 'Prometheus',
    version: prometheus,
    commands: ['prometheus'],
    binary: 'prometheus',
    address: ({ os, arch }) => `${PROMETHEUS_RELEASE}/prometheus-${prometheus}.${os}-${arch}.tar.gz`,
    checksums: () => `${PROMETHEUS_RELEASE}/sha256sums.txt`,
    keep: ['prometheus', 'promtool', 'LICENSE', 'NOTICE'],
    debian: { package: 'prometheus', binary: 'usr/bin/prometheus' },
    homepage: 'https://prometheus.io/download/',
  },
  grafana: {
    title: 'Grafana',
    version: grafana,
    commands: ['grafana', 'grafana-server'],
    binary: 'bin/grafana',
    address: grafanaFile,
    checksums: (target) => `${grafanaFile(target)}.sha256`,
    homepage: 'https://grafana.com/grafana/download?edition=oss',
  },
  kind: {
    title: 'kind',
    version: kind,
    commands: ['kind'],
    binary: 'kind',
    address: kindFile,
    checksums: (target) => `${kindFile(target)}.sha256sum`,
    homepage: 'https://kind.sigs.k8s.io/docs/user/quick-start/#installation',
  },
}

/** The target of a Node platform and architecture; undefined where no release is published that fnd knows. */
export function targetOf(platform: string, arch: string): Target | undefined {
  if (platform !== 'linux' && platform !== 'darwin') return undefined
  if (arch === 'x64') return { os: platform, arch: 'amd64' }
  return arch === 'arm64' ? { os: platform, arch } : undefined
}
