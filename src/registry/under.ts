// Work under an abort signal that outlives it: the AWS client leaves its listener on every signal that it is given.

/** Runs `work` with a signal of its own that is aborted with `signal`; nothing of it stays on `signal` afterwards. */
export async function under<T>(signal: AbortSignal, work: (own: AbortSignal) => Promise<T>): Promise<T> {
  signal.throwIfAborted()
  const own = new AbortController()
  const cancel = (): void => own.abort(signal.reason)
  signal.addEventListener('abort', cancel, { once: true })
  try {
    return await work(own.signal)
  } finally {
    signal.removeEventListener('abort', cancel)
  }
}
