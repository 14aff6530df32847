// What the routes that use the model have in common.

import type { ModelHost } from '../model-host.ts'

export interface WorkRouteOptions {
  model: ModelHost
  /** Seconds that an answer may take. */
  deadline: number
  /** Most texts in a batch. */
  batchLimit: number
  /** The OpenAPI security of these routes; empty without an API key. */
  security: { security?: { [name: string]: string[] }[] }
}

/** Statuses other than 200 that these routes answer with. */
export const WORK_PROBLEMS: readonly number[] = [400, 401, 413, 415, 429, 500, 503]
