// `fnd model`: the commands about model bundles.

import type { CommandSpec } from '../command.ts'
import { evalSpec } from './eval/spec.ts'

export const modelSpec: CommandSpec = {
  name: 'model',
  group: 'Models',
  summary: 'measure models',
  description:
    'Commands about model bundles: folders with a model, its tokenizer, settings, manifest and card.',
  options: [],
  examples: [{ command: 'fnd model eval --data test.jsonl', does: 'how good it is on labelled texts' }],
  subcommands: [evalSpec],
}
