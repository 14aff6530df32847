// `fnd predict`: help and flags.

import { EXIT } from '../../errors/exit.ts'
import type { CommandSpec } from '../command.ts'
import { REGISTRY } from '../stack-options.ts'

export const predictSpec: CommandSpec = {
  name: 'predict',
  group: 'Use it',
  summary: 'say how a text reads: Fake, Real or Uncertain',
  description:
    'Says how a text reads: Fake, Real or Uncertain, with a calibrated confidence. The text comes as words, from a file, from standard input or from a web page; --input judges a whole file of texts. A running stack is asked when there is one (and counts it in its metrics); otherwise the text is judged in this process and nothing leaves this machine.',
  arguments: [{ name: '[text...]', description: 'the text; without it, or as -, standard input is read' }],
  options: [
    { flags: '--file <path>', description: 'read the text from a file (- is standard input)' },
    { flags: '--url <address>', description: 'fetch a web page and judge the article in it' },
    {
      flags: '--input <file>',
      description: 'judge many texts: JSONL or CSV with a field text (and id, title); - is standard input',
    },
    { flags: '--output <file>', description: 'with --input: write the rows there, whole or not at all' },
    {
      flags: '--format <format>',
      description: 'with --input: form of the rows (default: as --output ends, else jsonl)',
      choices: ['jsonl', 'csv'],
    },
    {
      flags: '--concurrency <number>',
      description: 'with --input: texts under way at a time (default: 2 per core)',
    },
    {
      flags: '--explain [how]',
      description: 'show what moved the model; --explain=full leaves out one sentence at a time (slower)',
    },
    {
      flags: '--where <place>',
      description: 'who judges: the running stack, or this process (local)',
      choices: ['auto', 'local', 'stack'],
      default: 'auto',
    },
    {
      flags: '--model <model>',
      description:
        'base, fast, a bundle’s folder, or s3://bucket/name@version or #alias; judges in this process',
      setting: 'model',
    },
    ...REGISTRY,
    {
      flags: '--fail-on <verdicts>',
      description: 'exit with 3 on such a verdict, e.g. fake or fake,uncertain',
    },
    { flags: '--allow-private', description: 'with --url: also fetch from private addresses' },
  ],
  examples: [
    {
      command: 'fnd predict "The court rejected the appeal on Friday, its spokesman said."',
      does: 'one text',
    },
    { command: 'fnd predict --file article.txt --explain', does: 'which sentences moved the model' },
    { command: 'fnd predict --url https://example.org/news/1', does: 'the article of a web page' },
    { command: 'fnd predict --input posts.csv --output verdicts.csv', does: 'many texts, one row each' },
    { command: 'cat post.txt | fnd predict --fail-on fake', does: 'a gate in a pipeline' },
  ],
  exits: [
    { code: EXIT.unhealthy, when: 'a verdict that --fail-on names' },
    { code: EXIT.missing, when: 'no stack or model' },
    { code: EXIT.timeout, when: 'no answer in time' },
  ],
  load: () => import('./run.ts'),
}
