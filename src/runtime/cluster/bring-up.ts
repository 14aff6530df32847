// What `fnd up` does in a cluster that exists: notes where the stack stands, applies its objects; and its undoing.

import { rm } from 'node:fs/promises'
import { type ApplyRequest, applyAction } from '../kubernetes/actions.ts'
import type { KubernetesStack } from '../kubernetes/stack.ts'
import { readRecord, writeRecord } from '../record.ts'
import type { Action } from '../runtime.ts'

/** The one action of `up`. A stack that was on record before stays so when it is taken back. */
export function bringUp(
  stack: KubernetesStack,
  context: string,
  request: Omit<ApplyRequest, 'title'>,
): Action {
  const { paths, settings } = stack
  const apply = applyAction(stack, { ...request, title: `Apply the manifests in context ${context}` })
  let first = false
  return {
    ...apply,
    run: async (progress, signal) => {
      first = readRecord(paths, settings.name) === undefined
      writeRecord(paths, { name: settings.name, runtime: 'cluster', context })
      return apply.run(progress, signal)
    },
    undo: async () => {
      await apply.undo?.()
      if (first) await rm(paths.stack(settings.name), { recursive: true, force: true })
    },
  }
}
