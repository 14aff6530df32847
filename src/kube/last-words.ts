// What a container has said last about its trouble: lines of fnd's own log, or the error that it ended with.

import { z } from 'zod'
import type { KubeClient } from './client.ts'
import type { PodState } from './explain.ts'
import { POD } from './pods.ts'

/** Lines from the end of a log that may hold the reason: a busy probe logs nothing, so few are enough. */
const LOG_LINES = 30

const logLine = z.looseObject({
  level: z.string(),
  msg: z.string(),
  error: z.looseObject({ message: z.string() }).optional(),
  why: z.string().optional(),
  model: z.string().optional(),
})
/** An error as fnd prints it before it ends. */
const ERROR_LINE = /^\S+ (.+) \[(FND_\w+)\]$/
const TROUBLE = ['warn', 'error', 'fatal']

/** The last trouble, or the fetching or loading of a model that goes on; undefined where the log tells of neither. */
export function lastWords(log: string): string | undefined {
  for (const line of log.split('\n').toReversed()) {
    const ended = ERROR_LINE.exec(line.trim())
    if (ended) return `${ended[1]} [${ended[2]}]`
    const { data } = logLine.safeParse(parsed(line))
    if (!data) continue
    const { level, msg, error, why, model } = data
    if (TROUBLE.includes(level)) return [msg, error?.message ?? why].filter(Boolean).join(': ')
    if (msg === 'fetching' && model) return `fetching the model ${model}`
    if (msg === 'fetched' && model) return `loading the model ${model}`
    if (msg === 'ready') return undefined
  }
  return undefined
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/** The state with what the pod itself says of it, where it runs without being ready and says anything. */
export async function inItsWords(client: KubeClient, namespace: string, state: PodState): Promise<PodState> {
  if (state.state !== 'waiting' || !state.log) return state
  const words = lastWords((await logEnd(client, namespace, state, LOG_LINES)).join('\n'))
  return words === undefined ? state : { ...state, reason: words }
}

/** The last lines of the log that explains a pod; none when no container has run, or the pod is gone. */
export async function logEnd(
  client: KubeClient,
  namespace: string,
  { pod, log }: PodState,
  tail: number,
): Promise<string[]> {
  const lines: string[] = []
  if (!log) return lines
  const { container, previous } = log
  try {
    const ref = { ...POD, metadata: { namespace, name: pod } }
    for await (const line of client.logs(ref, container, { tail, previous })) lines.push(line)
  } catch {
    // The pod may be gone by now; the reason stands without its log.
  }
  return lines
}
