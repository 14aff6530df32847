// A stand-in for the publishers' download hosts: serves releases that are small, real archives, and misbehaves on demand.

import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename, join } from 'node:path'
import { create } from 'tar'

export interface ReleaseServer extends AsyncDisposable {
  url: string
  /** Requests so far, as `path range`. */
  requests: string[]
  files: Map<string, Buffer>
  /** Answers instead of the server while it returns true. */
  misbehave: (request: IncomingMessage, response: ServerResponse) => boolean
}

/** Serves what stands in `files`, by path, with byte ranges. */
export async function startReleaseServer(): Promise<ReleaseServer> {
  const files = new Map<string, Buffer>()
  const requests: string[] = []
  const server = createServer((request, response) => {
    const path = request.url ?? '/'
    const range = /bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1]
    requests.push(range ? `${path} from ${range}` : path)
    if (self.misbehave(request, response)) return
    const body = files.get(path)
    if (!body) return void response.writeHead(404).end()
    const from = Number(range ?? 0)
    if (range && from >= body.length) return void response.writeHead(416).end()
    response.writeHead(range ? 206 : 200, { 'content-length': body.length - from }).end(body.subarray(from))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const self: ReleaseServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    files,
    misbehave: () => false,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return self
}

/** Publishes a file and the publisher's list of hashes beside it. */
export function publish(server: ReleaseServer, path: string, checksums: string, content: Buffer): void {
  server.files.set(path, content)
  server.files.set(checksums, Buffer.from(`${sha256(content)}  ${basename(path)}\n`))
}

/** A release archive as Prometheus ships it: one top folder with a program that tells its version. */
export async function prometheusArchive(folder: string, version: string): Promise<Buffer> {
  const top = `prometheus-${version}.linux-amd64`
  mkdirSync(join(folder, top), { recursive: true })
  for (const name of ['prometheus', 'promtool', 'prometheus.yml']) {
    writeFileSync(
      join(folder, top, name),
      `#!/bin/sh\necho '${name}, version ${version}'\n# ${'x'.repeat(200_000)}`,
    )
    chmodSync(join(folder, top, name), 0o755)
  }
  await create({ gzip: { level: 0 }, file: join(folder, 'release.tar.gz'), cwd: folder }, [top])
  return readFileSync(join(folder, 'release.tar.gz'))
}

export const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex')
