// The one error class of fnd: a code of the catalogue, a message, a hint, a cause.

import { ERRORS, type ErrorCode, type ErrorParams } from './catalogue.ts'
import type { ExitCode } from './exit.ts'
import { meaningOf } from './system.ts'

/** The form of an error in `--json` output and in logs. */
export interface ErrorReport {
  code: ErrorCode
  message: string
  cause?: string
  hint: string
}

/**
 * An expected failure. `code` is stable and documented; `cause` keeps the original error.
 *
 * @example throw new FndError('FND_FILE_UNREADABLE', { path, why: 'it does not exist' }, { cause })
 */
export class FndError<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'FndError'
  readonly code: C
  readonly hint: string
  readonly exit: ExitCode
  readonly params: ErrorParams<C>

  constructor(code: C, params: ErrorParams<C>, options: { cause?: unknown } = {}) {
    const entry = ERRORS[code] as {
      exit: ExitCode
      message: (p: ErrorParams<C>) => string
      hint: (p: ErrorParams<C>) => string
    }
    super(entry.message(params), options)
    this.code = code
    this.params = params
    this.hint = entry.hint(params)
    this.exit = entry.exit
  }
}

/** True for an FndError of the given code (of any code when none is given). */
export function isFndError<C extends ErrorCode = ErrorCode>(error: unknown, code?: C): error is FndError<C> {
  return error instanceof FndError && (code === undefined || error.code === code)
}

/** Turns anything thrown into an FndError: an abort is an interruption, the unknown is a defect. */
export function toFndError(error: unknown): FndError {
  if (error instanceof FndError) return error
  if (error instanceof Error && error.name === 'AbortError')
    return new FndError('FND_INTERRUPTED', {}, { cause: error })
  return new FndError(
    'FND_INTERNAL',
    { what: error instanceof Error ? error.message : String(error) },
    { cause: error },
  )
}

// A chain of causes may bite its own tail.
const DEEPEST_CAUSE = 8

/** The report of an error, with the chain of causes folded into one line. */
export function reportOf(error: FndError): ErrorReport {
  const causes: string[] = []
  let at: unknown = error.cause
  for (let depth = 0; at !== undefined && depth < DEEPEST_CAUSE; depth += 1) {
    // An abort says nothing that the message does not.
    if (at instanceof Error && at.name === 'AbortError') break
    // Parsers draw the place over several lines.
    const text = messageOf(at).replace(/\s+/g, ' ').trim()
    if (text && !error.message.includes(text) && !causes.includes(text)) causes.push(text)
    at = at instanceof Error ? at.cause : undefined
  }
  return {
    code: error.code,
    message: error.message,
    ...(causes.length ? { cause: causes.join(': ') } : {}),
    hint: error.hint,
  }
}

/** A short message for anything thrown, errors of the system by their meaning. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? (meaningOf(error) ?? error.message) : String(error)
}
