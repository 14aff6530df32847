// `fnd health --watch` into a pipe, while what it asks is away.

import { expect, it } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { emptyHome } from '../support/program.ts'

it('says once what is wrong, goes on looking, and ends with Ctrl-C', async () => {
  using home = emptyHome()
  const { code, stdout, stderr } = await home.fnd(
    ['health', '--watch', '--quiet', '--prometheus', `http://127.0.0.1:${await freePort()}`],
    {
      started: (child) => child.stderr?.once('data', () => setTimeout(() => child.kill('SIGINT'), 2500)),
    },
  )
  expect([code, stdout]).toEqual([130, ''])
  expect(stderr.match(/Prometheus at .* does not answer/g)).toHaveLength(1)
  expect(stderr).toContain('mend')
})
