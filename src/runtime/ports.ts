// Ports on 127.0.0.1: free, held by this stack already, or taken by somebody else.

import { connect, createServer, type Server } from 'node:net'
import { FndError } from '../errors/error.ts'
import { COMPONENTS, type Component } from './runtime.ts'

/** The flag of `fnd up` that names another port, without its dashes. */
const portFlag = (component: Component) => `port-${component}`

/**
 * The port of each component: the wanted one, or a free one for 0 (the one it has already, when it has one).
 *
 * @throws FndError FND_PORT_TAKEN for a port that neither is free nor among `held`.
 */
export async function choosePorts(
  wanted: Record<Component, number>,
  needed: readonly Component[],
  held: ReadonlyMap<Component, number>,
): Promise<Record<Component, number>> {
  const ports = { ...wanted }
  const taken = new Set<number>()
  for (const component of COMPONENTS.filter((one) => needed.includes(one))) {
    const own = held.get(component)
    const port = wanted[component] || own || (await freePort())
    if (taken.has(port) || (port !== own && !(await isFree(port))))
      throw new FndError('FND_PORT_TAKEN', { port, component, setting: portFlag(component) })
    taken.add(port)
    ports[component] = port
  }
  return ports
}

/** True when nobody answers there and it can be listened on. A server on all addresses answers, even where the platform would let us listen. */
async function isFree(port: number): Promise<boolean> {
  const answered = await new Promise<boolean>((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    const end = (result: boolean) => {
      socket.destroy()
      resolve(result)
    }
    socket.once('connect', () => end(true)).once('error', () => end(false))
  })
  if (answered) return false
  const server = await listening(port)
  await closed(server)
  return server !== undefined
}

async function freePort(): Promise<number> {
  const server = await listening(0)
  const address = server?.address()
  await closed(server)
  if (!address || typeof address === 'string') throw new Error('no free port on 127.0.0.1')
  return address.port
}

function listening(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(undefined))
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve(server))
  })
}

async function closed(server: Server | undefined): Promise<void> {
  await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()))
}
