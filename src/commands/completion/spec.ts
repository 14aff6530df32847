// `fnd completion`: help and flags.

import type { CommandSpec } from '../command.ts'

export const SHELLS = ['bash', 'zsh', 'fish'] as const

export const completionSpec: CommandSpec = {
  name: 'completion',
  group: 'More',
  summary: 'print a completion script for your shell',
  description:
    'Prints a script that completes commands, options and their values on the Tab key. The script holds all it needs: completing does not start fnd.',
  arguments: [{ name: '<shell>', description: 'which shell', choices: SHELLS }],
  options: [],
  examples: [
    { command: 'source <(fnd completion bash)', does: 'this shell; put the line into ~/.bashrc for all' },
    { command: 'source <(fnd completion zsh)', does: 'the same for zsh, in ~/.zshrc after compinit' },
    { command: 'fnd completion fish | source', does: 'the same for fish, in ~/.config/fish/config.fish' },
  ],
  load: () => import('./run.ts'),
}
