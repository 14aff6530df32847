// Ports of this machine: free, held by this stack already, or taken by somebody else.

import { connect, createServer, isIPv6, type Server } from 'node:net'
import { FndError, messageOf } from '../errors/error.ts'
import { holderOf, type StackRecord } from './record.ts'
import { COMPONENTS, type Component } from './runtime.ts'

const LOOPBACK = '127.0.0.1'

/** The flag of `fnd up` that names another port, without its dashes. */
const portFlag = (component: Component) => `port-${component}`

export interface PortRequest {
  /** 0: any free one. */
  wanted: Readonly<Record<Component, number>>
  needed: readonly Component[]
  /** Where the backend listens; all else, and without it the backend too, is on 127.0.0.1. */
  backendHost?: string
  /** The ports that this stack holds already. */
  held: ReadonlyMap<Component, number>
  /** The other stacks of this user, to say whose a port is that cannot be had. */
  others: readonly StackRecord[]
}

/**
 * The port of each component: the wanted one, or a free one for 0 (the one it has already, when it has one).
 *
 * @throws FndError FND_PORT_TAKEN naming every port that neither is free nor among `held`; FND_LISTEN when there can be no server at all.
 */
export async function choosePorts({
  wanted,
  needed,
  backendHost = LOOPBACK,
  held,
  others,
}: PortRequest): Promise<Record<Component, number>> {
  const ports = { ...wanted }
  const given: { host: string; port: number }[] = []
  const taken = []
  for (const component of COMPONENTS.filter((one) => needed.includes(one))) {
    const own = held.get(component)
    const host = component === 'backend' ? backendHost : LOOPBACK
    const port = wanted[component] || own || (await freePort(host))
    const twice = given.some(
      (one) => one.port === port && (one.host === host || [one.host, host].some(isAll)),
    )
    if (twice || (port !== own && !(await isFree(host, port)))) {
      taken.push({ port, component, flag: portFlag(component), stack: holderOf(port, others) })
    }
    given.push({ host, port })
    ports[component] = port
  }
  if (taken.length) throw new FndError('FND_PORT_TAKEN', { taken })
  return ports
}

/** How a check names ports in its title: `ports 8000 (backend), 9090 (prometheus)`. */
export function portsTitle(
  wanted: Readonly<Record<Component, number>>,
  needed: readonly Component[],
): string {
  const named = needed.map((component) => `${wanted[component] || 'any'} (${component})`)
  return `${named.length === 1 ? 'port' : 'ports'} ${named.join(', ')} can be had`
}

/** Host and port, as in a URL, by which this machine reaches what listens on a host. */
export function reachedAt(host: string, port: number): string {
  const here = hostReached(host)
  return `${isIPv6(here) ? `[${here}]` : here}:${port}`
}

/** Who listens on all addresses is on the loopback too. */
const hostReached = (host: string) => (isAll(host) ? LOOPBACK : host)

const isAll = (host: string) => host === '0.0.0.0' || host === '::'

/** True when it can be listened on and nobody answers: a server on all addresses does, even where the platform lets us listen beside it. */
async function isFree(host: string, port: number): Promise<boolean> {
  // First, as an address that is not of this machine is told at once so.
  const server = await listening(host, port)
  await closed(server)
  return server !== undefined && !(await answers(hostReached(host), port))
}

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host })
    const end = (result: boolean) => {
      socket.destroy()
      resolve(result)
    }
    socket.once('connect', () => end(true)).once('error', () => end(false))
  })
}

async function freePort(host: string): Promise<number> {
  const server = await listening(host, 0)
  const address = server?.address()
  await closed(server)
  if (!address || typeof address === 'string') throw new Error(`no free port on ${host}`)
  return address.port
}

/** Undefined where somebody else listens. @throws FndError FND_LISTEN: no address of this machine, or not allowed. */
function listening(host: string, port: number): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'EADDRINUSE') return resolve(undefined)
      reject(new FndError('FND_LISTEN', { address: `${host}:${port}`, why: messageOf(cause) }, { cause }))
    })
    server.listen({ port, host, exclusive: true }, () => resolve(server))
  })
}

async function closed(server: Server | undefined): Promise<void> {
  await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()))
}
