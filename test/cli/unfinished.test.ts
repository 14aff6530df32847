// A command whose work runs out while it still waits: Node.js would end with 0 and say nothing.

import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { expect, it } from 'vitest'
import { emptyHome } from '../support/program.ts'

/** Connections that never come about, and that keep no process alive. */
const NO_CONNECTION = "data:text/javascript,import%20n%20from'node:net';n.connect=()=>new%20n.Socket()"
/** The built-in fetch compiles its parser when it is first used: late, as on a busy machine. */
const SLOW_PARSER =
  'data:text/javascript,const%20c=WebAssembly.compile;WebAssembly.compile=async(b)=>{await%20new%20Promise((r)=>setTimeout(r,300));return%20c(b)}'

it('ends with 1 and says so, as text and as JSON', async () => {
  using home = emptyHome()
  const env = { NODE_OPTIONS: `--import "${NO_CONNECTION}"` }
  const health = ['health', '--prometheus', 'http://127.0.0.1:9090']
  const text = await home.fnd(health, { env })
  expect(text).toMatchObject({ code: 1, stdout: '' })
  expect(text.stderr).toContain('[FND_UNFINISHED]')
  const json = await home.fnd([...health, '--json'], { env })
  expect([json.code, JSON.parse(json.stdout).error.code]).toEqual([1, 'FND_UNFINISHED'])
})

it('does not happen where the first connection breaks off at once, as that to a port of a starting container', async () => {
  using home = emptyHome()
  const server = createServer((socket) => socket.end()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const env = { NODE_OPTIONS: `--import "${SLOW_PARSER}"` }
  const { stderr } = await home.fnd(['health', '--prometheus', `http://127.0.0.1:${port}`], { env })
  server.close()
  expect(stderr).toContain('[FND_PROMETHEUS_UNREACHABLE]')
})
