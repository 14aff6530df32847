// The yardstick: a bare onnxruntime loop over the same texts, one process a core, one thread, one text a run.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadBundle } from '../dist/detector/bundle.js'
import { clean } from '../dist/detector/clean.js'
import { loadTokens } from '../dist/detector/tokens.js'
import { windowsOf } from '../dist/detector/windows.js'

/** The bundle that is measured, of the bare loop and of the service alike: FND_MODEL, else the one that ships with fnd. */
export const MODEL = process.env.FND_MODEL ?? 'base'
const { folder, config } = await loadBundle(MODEL)

/** The token ids of every run that the texts need: tokenized beforehand, so that the loop does nothing but run. */
export async function runsOf(texts) {
  const tokens = await loadTokens(join(folder, 'tokenizer.json'))
  return texts.flatMap((text) => {
    const body = tokens.body(clean(text, config.normalization))
    return windowsOf(body.length, config.maxTokens - 2, config.windowStride).map(({ from, to }) =>
      tokens.framed(body.slice(from, to)),
    )
  })
}

/**
 * Seconds that the runs take, shared between `cores` processes that are already warm, and the CPU seconds they use.
 * The processes' own rates are added up: that one of them is through before the other is not held against the loop.
 */
export async function bareSeconds(runs, cores) {
  const children = await Promise.all(
    Array.from({ length: cores }, async (_, core) => {
      const child = fork(fileURLToPath(new URL('bare-loop.js', import.meta.url)))
      child.send({ model: join(folder, 'model.onnx'), runs: runs.filter((_, i) => i % cores === core) })
      await once(child, 'message')
      return child
    }),
  )
  const done = await Promise.all(
    children.map(async (child) => {
      child.send('go')
      const [figures] = await once(child, 'message')
      return figures
    }),
  )
  const sum = (of) => done.reduce((total, figures) => total + of(figures), 0)
  return {
    seconds: runs.length / sum(({ perSecond }) => perSecond),
    cpuSeconds: sum(({ cpuSeconds }) => cpuSeconds),
  }
}
