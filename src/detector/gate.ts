// Keeps a thread from being ended inside onnxruntime: that aborts the whole process (Napi::Error, SIGABRT).

/** Shared between a worker and whoever ends it: how many native calls run, and whether new ones may start. */
export type Gate = Int32Array<SharedArrayBuffer>

const RUNNING = 0
const CLOSED = 1

export function createGate(): Gate {
  return new Int32Array(new SharedArrayBuffer(8))
}

/** In the worker: makes a native call, unless the thread is about to be ended. */
export async function within<T>(gate: Gate, call: () => Promise<T>): Promise<T> {
  // First counted, then looked: whoever closes does it the other way round, so that no call slips through.
  Atomics.add(gate, RUNNING, 1)
  try {
    if (Atomics.load(gate, CLOSED) === 1) throw new Error('the inference thread is ending')
    return await call()
  } finally {
    Atomics.sub(gate, RUNNING, 1)
    Atomics.notify(gate, RUNNING)
  }
}

/** Lets no new call in; true when none is inside, so that the thread may be ended. */
export function closeGate(gate: Gate): boolean {
  Atomics.store(gate, CLOSED, 1)
  return Atomics.load(gate, RUNNING) === 0
}

/** Lets no new call in and blocks this thread until none is inside, at most `ms` milliseconds. */
export function closeGateNow(gate: Gate, ms: number): void {
  if (!closeGate(gate)) Atomics.wait(gate, RUNNING, 1, ms)
}
