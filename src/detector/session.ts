// The ONNX session: one text a run, unpadded, on the calling thread.

import ort from 'onnxruntime-node'

/** Runs framed token ids and gives (fake logit − real logit). Blocks its thread for as long as the run takes. */
export type RunModel = (ids: readonly number[]) => Promise<number>

/**
 * Opens the model.
 *
 * One thread a session and no spinning: twice the throughput of the defaults on two cores. ONNX Runtime's arena is on: it
 * keeps the memory of the largest window (9 MB), but a run that asks malloc for each activation takes a tenth longer. No
 * memory pattern: one is kept for each length of text, and gains no time.
 */
export async function openSession(path: string, logitsName: string): Promise<RunModel> {
  const session = await ort.InferenceSession.create(path, {
    executionProviders: ['cpu'],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    enableCpuMemArena: true,
    enableMemPattern: false,
    logSeverityLevel: 3,
    extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
  })
  return async (ids) => {
    const dims = [1, ids.length]
    const feeds = {
      input_ids: new ort.Tensor('int64', BigInt64Array.from(ids, BigInt), dims),
      attention_mask: new ort.Tensor('int64', new BigInt64Array(ids.length).fill(1n), dims),
    }
    const logits = (await session.run(feeds, [logitsName]))[logitsName]?.data
    const [real, fake] = logits instanceof Float32Array ? logits : []
    if (real === undefined || fake === undefined) throw new Error(`the model gave no two ${logitsName}`)
    return fake - real
  }
}
