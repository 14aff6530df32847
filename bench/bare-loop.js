// A process of the bare loop: token ids in, onnxruntime one text a run on one thread, nothing else. Started by bare.js.

import ort from 'onnxruntime-node'

process.once('message', async ({ model, runs }) => {
  const session = await ort.InferenceSession.create(model, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  })
  const infer = (ids) =>
    session.run(
      {
        input_ids: new ort.Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]),
        attention_mask: new ort.Tensor('int64', new BigInt64Array(ids.length).fill(1n), [1, ids.length]),
      },
      ['logits'],
    )
  for (const ids of runs.slice(0, 5)) await infer(ids)
  process.send('ready')
  process.once('message', async () => {
    const cpu = process.cpuUsage()
    const began = performance.now()
    for (const ids of runs) await infer(ids)
    const { user, system } = process.cpuUsage(cpu)
    process.send({
      perSecond: runs.length / ((performance.now() - began) / 1000),
      cpuSeconds: (user + system) / 1e6,
    })
    process.disconnect()
  })
})
