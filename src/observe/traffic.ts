// Which series count: the stack's backend, and of its requests those that a user sent.

import { BACKEND_JOB, OPERATIONAL_ROUTES } from '../service/metric-names.ts'
import type { Matcher } from './expression.ts'

/** Selects the backend in every Prometheus that fnd configures. */
export const BACKEND = `job="${BACKEND_JOB}"`

/** Requests of users: probes, scrapes and the documentation page left out. */
export const TRAFFIC: readonly Matcher[] = [
  { label: 'route', op: '!~', value: OPERATIONAL_ROUTES.map((route) => `${route}.*`).join('|') },
]

/** Answers that are the service's fault. */
export const SERVER_ERRORS: readonly Matcher[] = [{ label: 'status', op: '=~', value: '5..' }]

/** Answers that are the caller's fault. */
export const CLIENT_ERRORS: readonly Matcher[] = [{ label: 'status', op: '=~', value: '4..' }]

/** Refusals that are the service's fault: a bad text is the caller's, draining is a wanted stop. */
export const OVERLOAD: readonly Matcher[] = [{ label: 'reason', op: '=~', value: 'queue_full|deadline' }]
