// `fnd completion`: the script of one shell, made from the command table.

import { FndError } from '../../errors/error.ts'
import { EXIT } from '../../errors/exit.ts'
import type { Handler } from '../command.ts'
import { COMMANDS, GLOBAL_OPTIONS } from '../table.ts'
import type { CompletionAnswer } from './answer.ts'
import { bashScript, fishScript, zshScript } from './scripts.ts'
import { SHELLS } from './spec.ts'
import { nodesOf } from './tree.ts'

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const

export const run: Handler = async ([given], _options, { out }) => {
  const shell = SHELLS.find((name) => name === given)
  if (!shell)
    throw new FndError('FND_USAGE', { problem: `No script for the shell '${given}'`, command: 'completion' })
  const data: CompletionAnswer = { shell, script: SCRIPTS[shell](nodesOf(COMMANDS, GLOBAL_OPTIONS)) }
  out.answer(data, ({ script }) => script)
  return EXIT.good
}
