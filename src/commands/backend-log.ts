// The log of the backend: one document a line, and how a person reads it on a terminal.

import { z } from 'zod'
import type { Paint } from '../output/paint.ts'
import { oneLine } from '../output/prose.ts'

export const logEntry = z
  .looseObject({
    level: z.enum(['fatal', 'error', 'warn', 'info', 'debug']),
    time: z.iso.datetime(),
    msg: z
      .string()
      .optional()
      .describe('What happened: listening, ready, request, stopping, stopped, defect'),
    requestId: z.string().optional(),
    method: z.string().optional(),
    route: z
      .string()
      .optional()
      .describe('The pattern of the address; "unknown" when nothing is served there'),
    status: z.int().optional(),
    ms: z.number().optional(),
  })
  .describe('One line of the log; texts are never logged')

type LogEntry = z.infer<typeof logEntry>

/**
 * `19:04:11 POST /predict 200 34.1 ms`, or level, message and fields for everything else. A line that is no entry
 * (the supervisor's, the last words of a crash) stays as it is.
 */
export function readableLine(line: string, paint: Paint): string {
  const entry = parsed(line)
  return entry ? readable(entry, paint) : line
}

function parsed(line: string): LogEntry | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    return logEntry.safeParse(JSON.parse(line)).data
  } catch {
    return undefined
  }
}

function readable(entry: LogEntry, paint: Paint): string {
  const { level, time, msg, requestId, ...fields } = entry
  const clock = paint.dim(new Date(time).toTimeString().slice(0, 8))
  const { method, route, status, ms } = entry
  // What was escaped as JSON must not steer the terminal once it is not.
  if (msg === 'request' && method && route && status !== undefined && ms !== undefined)
    return `${clock} ${oneLine(`${method} ${route}`)} ${colored(status, paint)} ${ms} ms`
  const rest = Object.entries({ ...fields, ...(requestId ? { requestId } : {}) })
    .map(([name, value]) => `${name}=${typeof value === 'object' ? JSON.stringify(value) : value}`)
    .join(' ')
  const label = level === 'info' ? '' : `${level} `
  return `${clock} ${label}${oneLine(msg ?? '')}${rest ? ` ${paint.dim(oneLine(rest))}` : ''}`
}

function colored(code: number, paint: Paint): string {
  if (code >= 500) return paint.bad(String(code))
  return code >= 400 ? paint.warning(String(code)) : paint.good(String(code))
}
