// Which model a backend that has come up serves, as it says itself: an image may bring another than the settings name.

import type { z } from 'zod'
import { isFndError } from '../../errors/error.ts'
import type { modelIdentity } from '../../service/contract.ts'

/** Longest wait for its word, in seconds: the stack is up without it. */
const PATIENCE = 5

/** The model; undefined where there is no backend, or one that does not say it now. @throws AbortError. */
export async function servedModel(
  backend: URL | undefined,
  apiKey: string | undefined,
  signal: AbortSignal,
): Promise<z.infer<typeof modelIdentity> | undefined> {
  if (!backend) return undefined
  const { createBackendClient } = await import('../../service/client.ts')
  try {
    return (await createBackendClient({ url: backend, apiKey, timeout: PATIENCE }).ready({ signal })).model
  } catch (error) {
    if (!isFndError(error)) throw error
    return undefined
  }
}
