// Which commands are recommended with the --name of the run.

import { expect, it } from 'vitest'
import { COMMANDS } from '../../src/commands/table.ts'
import { OF_A_STACK } from '../../src/name-flag.ts'

it('knows every command that acts on a stack', () => {
  const others = ['serve', 'model', 'completion']
  expect([...OF_A_STACK, ...others].sort()).toEqual(COMMANDS.map(({ name }) => name).sort())
})
