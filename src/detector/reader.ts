// One text, from raw to its pooled logit: cleaning, tokens, windows, runs, explanation. The same code in a worker thread
// and in the caller's own, so that both give the same answer to the last bit.

import { join } from 'node:path'
import type { BundleConfig } from './bundle.ts'
import { characters, clean } from './clean.ts'
import type { ExplainMode, SentenceInfluence } from './detector.ts'
import { type Explainer, leaveOneOut, scoreAlone } from './explain.ts'
import { foreignScript, unclearLanguage } from './language.ts'
import { openSession } from './session.ts'
import { loadTokens } from './tokens.ts'
import { countWords, endsAsSentence, type TextFacts } from './verdict.ts'
import { pool, type Reading, windowsOf } from './windows.ts'

/** What a reader needs to know of its bundle; plain data, so that it can be sent to a thread. */
export interface ReaderSource {
  folder: string
  config: BundleConfig
}

/** What reading a text gave, or why it was not read. Plain data. */
export type ReadResult =
  | { kind: 'too_short'; characters: number }
  | { kind: 'too_long'; characters: number }
  | { kind: 'no_words' }
  | { kind: 'read'; text: ReadText }

export interface ReadText {
  /** Pooled log-odds of fake, before calibration. */
  logit: number
  facts: TextFacts
  /** What a language library must judge; absent where the text is English beyond doubt. */
  unclear?: string
  tokens: number
  windows: number
  explanation?: SentenceInfluence[]
  /** Seconds of cleaning and tokenizing, and of running the model. */
  seconds: { tokenize: number; inference: number }
}

/** Reads a text; the signal is looked at between two runs. */
export type Reader = (text: string, explain: ExplainMode, signal?: AbortSignal) => Promise<ReadResult>

/** A text of common length: warming with it makes the first real answer as fast as the rest. */
const WARMING =
  'The city council approved a budget for road repairs after a four-hour meeting on Tuesday night, officials said. ' +
  'Work on the two bridges is expected to begin in the spring and to take about eight months.'

/** How native calls are made; a thread that may be ended puts its gate here. */
export type Guarded = <T>(call: () => Promise<T>) => Promise<T>

/** Loads tokenizer and model and warms them. */
export async function openReader(
  { folder, config }: ReaderSource,
  guarded: Guarded = (call) => call(),
): Promise<Reader> {
  const [tokens, run] = await Promise.all([
    loadTokens(join(folder, 'tokenizer.json')),
    guarded(() => openSession(join(folder, 'model.onnx'), config.outputs.logits)),
  ])
  const size = config.maxTokens - 2
  const stride = config.windowStride

  const reader: Reader = async (raw, explain, signal) => {
    const started = performance.now()
    const text = clean(raw, config.normalization)
    const length = characters(text)
    if (length < config.minChars) return { kind: 'too_short', characters: length }
    if (length > config.maxChars) return { kind: 'too_long', characters: length }
    const body = tokens.body(text)
    const words = countWords(text)
    if (words === 0) return { kind: 'no_words' }
    const unclear = unclearLanguage(text)
    const tokenized = performance.now()

    const read = async (ids: readonly number[]): Promise<number> => {
      signal?.throwIfAborted()
      return guarded(() => run(tokens.framed(ids)))
    }
    const readings: Reading[] = []
    for (const { from, to } of windowsOf(body.length, size, stride))
      readings.push({ logit: await read(body.slice(from, to)), tokens: to - from })
    const model: Explainer = { body: tokens.body, read, size, stride, temperature: config.temperature }
    const explanation =
      explain === 'full'
        ? await leaveOneOut(text, model)
        : explain === 'sentences'
          ? await scoreAlone(text, model)
          : undefined
    return {
      kind: 'read',
      text: {
        logit: pool(readings),
        facts: { words, sentenceEnd: endsAsSentence(text), foreignScript: foreignScript(text) },
        ...(unclear === undefined ? {} : { unclear }),
        tokens: body.length,
        windows: readings.length,
        ...(explanation ? { explanation } : {}),
        seconds: {
          tokenize: (tokenized - started) / 1000,
          inference: (performance.now() - tokenized) / 1000,
        },
      },
    }
  }
  await reader(WARMING, 'none')
  return reader
}
