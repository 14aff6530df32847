// `fnd load` in a pipe, against a backend that says the same to everybody.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { emptyHome } from '../support/program.ts'

it('says how long it sends and counts what it has sent, of a total that only chance knows', async () => {
  const server = createServer((_, response) => response.end('{"label":"Real"}'))
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  try {
    using home = emptyHome()
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const { code, stderr } = await home.fnd(['load', '--url', url, '--duration', '7s'])
    expect(code).toBe(0)
    expect(stderr).toContain(`Sending to ${url} for 7 s; Ctrl-C ends it early`)
    expect(stderr).toMatch(/^… Sent \d+ requests \d+ ok, 0 5xx, 0 without answer$/m)
  } finally {
    server.close()
  }
})
