// One line of the service's log as a person reads it on a terminal.

import type { z } from 'zod'
import type { Paint } from '../../output/paint.ts'
import type { row } from './answer.ts'

/** `19:04:11 POST /predict 200 34.1 ms`, or level, message and fields for everything else. */
export function renderLogLine(entry: z.infer<typeof row>, paint: Paint): string {
  const { level, time, msg, requestId, ...fields } = entry
  const clock = paint.dim(new Date(time).toTimeString().slice(0, 8))
  if (msg === 'request')
    return `${clock} ${entry.method} ${entry.route} ${status(entry.status ?? 0, paint)} ${entry.ms} ms`
  const rest = Object.entries({ ...fields, ...(requestId ? { requestId } : {}) })
    .map(([name, value]) => `${name}=${typeof value === 'object' ? JSON.stringify(value) : value}`)
    .join(' ')
  const label = level === 'info' ? '' : `${level} `
  return `${clock} ${label}${msg ?? ''}${rest ? ` ${paint.dim(rest)}` : ''}`
}

function status(code: number, paint: Paint): string {
  if (code >= 500) return paint.bad(String(code))
  return code >= 400 ? paint.warning(String(code)) : paint.good(String(code))
}
