// `fnd model eval`: help and flags.

import { EXIT } from '../../../errors/exit.ts'
import type { CommandSpec } from '../../command.ts'
import { MODEL } from '../../stack-options.ts'

/** The field that names the source of a text where nobody says another. */
export const USUAL_SOURCE = 'source'

export const evalSpec: CommandSpec = {
  name: 'eval',
  group: 'Models',
  summary: 'measure a model on texts whose truth is known',
  description:
    'Judges every text of a file in this process, just as the backend would, and compares with the label that the row carries: accuracy, macro-F1, AUROC and calibration error with 95 % confidence intervals, the verdicts given and withheld, what would be wrong if only the surest were answered, each source and each length alone, and the speed. --robust, --shortcuts and --explanations judge a sample of the texts again, changed or explained (docs/evaluation.md). Rows are JSONL or CSV with text and label (fake or 1, real or 0), and source where there are several. Nothing leaves this machine.',
  options: [
    { flags: '--data <file>', description: 'the labelled texts; - is standard input' },
    {
      flags: '--by <field>',
      description: 'the field that names the source of a text',
      default: USUAL_SOURCE,
    },
    ...MODEL,
    { flags: '--robust', description: 'also: what typos, case, look-alike letters and the like change' },
    {
      flags: '--shortcuts',
      description: 'also: how far datelines, “BREAKING”, capitals, length and the like move it',
    },
    { flags: '--explanations', description: 'also: whether explanations name the sentences that matter' },
    {
      flags: '--sample <number>',
      description: 'texts that these three take, drawn at random (default: 300)',
    },
    { flags: '--seed <number>', description: 'of the drawing and of the changes (default: 1)' },
    { flags: '--html <file>', description: 'also write a page with the diagrams there' },
    {
      flags: '--resamples <number>',
      description: 'of the bootstrap behind the intervals; 0 for none',
      default: '1000',
    },
    {
      flags: '--concurrency <number>',
      description: 'texts under way at a time (default: one per core, so that no text waits for another)',
    },
  ],
  examples: [
    { command: 'fnd model eval --data test.jsonl', does: 'the figures in the terminal' },
    { command: 'fnd model eval --data test.csv --html eval.html', does: 'and a page with diagrams' },
    {
      command: 'fnd model eval --data test.jsonl --model fast --robust --explanations',
      does: 'the quick model, probed',
    },
    {
      command: 'fnd model eval --data test.jsonl --model ./my-bundle --json',
      does: 'another model, for a script',
    },
  ],
  exits: [{ code: EXIT.missing, when: 'no such model' }],
  load: () => import('./run.ts'),
}
