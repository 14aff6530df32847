// A check is data: a title, what mends it, and a function that looks. Groups of them become a stream of results.

import { isFndError, messageOf } from '../errors/error.ts'
import type { CheckResult } from '../runtime/runtime.ts'

/** What a check saw. Nothing but a detail means that it passed. */
export interface Seen {
  outcome?: 'pass' | 'warn' | 'skip'
  detail?: string
}

export interface Check {
  /** What holds when it passes ("the model bundle matches its manifest"), or what is looked at ("the program Grafana"). */
  title: string
  /** When it fails, what follows it in its group cannot be known and is skipped. */
  fatal?: boolean
  /** The command that mends a failure; an FndError's own hint is taken instead of it. */
  mend: string
  /** Looks; throwing means that it failed, for the reason thrown. */
  look(signal: AbortSignal): Promise<Seen>
}

export interface CheckGroup {
  name: string
  checks: readonly Check[]
}

/** Runs the checks of a group in order, one result each; an aborted signal throws its AbortError. */
export async function* runGroup(group: CheckGroup, signal: AbortSignal): AsyncGenerator<CheckResult> {
  let broken: string | undefined
  for (const { title, fatal, mend, look } of group.checks) {
    const result = { group: group.name, title }
    if (broken !== undefined) {
      yield { ...result, outcome: 'skip', detail: `not looked at, since this failed: ${broken}` }
      continue
    }
    try {
      const { outcome = 'pass', detail } = await look(signal)
      yield {
        ...result,
        outcome,
        ...(detail === undefined ? {} : { detail }),
        ...(outcome === 'warn' ? { mend } : {}),
      }
    } catch (error) {
      signal.throwIfAborted()
      if (fatal) broken = title
      yield {
        ...result,
        outcome: 'fail',
        detail: messageOf(error),
        ...(isFndError(error) ? { mend: error.hint, error } : { mend }),
      }
    }
  }
}
