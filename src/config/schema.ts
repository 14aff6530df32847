// Every setting of fnd: type, default, meaning. fnd.yaml, FND_* variables, flags, the JSON Schema and the docs come from here.

import { z } from 'zod'
import { DEFAULT_MODEL } from '../detector/bundled.ts'
import { LATENCY_BUCKETS } from '../service/metric-names.ts'
import { durationSeconds, LONGEST_WAIT, shareOfOne } from '../units.ts'

/** A whole number, also as a variable or a flag gives it; nothing and `true` are none. */
const whole = (least: number, most?: number) => {
  const number = z.number().int().min(least)
  const inRange = most === undefined ? number : number.max(most)
  return z.union([
    inRange,
    z
      .string()
      .transform((text, ctx) =>
        /^\s*-?\d+\s*$/.test(text) ? Number(text) : issue(ctx, `must be a whole number, not '${text}'`),
      )
      .pipe(inRange),
  ])
}
const port = whole(0, 65535)
const duration = (inRange: z.ZodNumber) =>
  z.union([
    inRange,
    z
      .string()
      .transform(
        (text, ctx) =>
          durationSeconds(text) || issue(ctx, `'${text}' is not a duration such as 30s, 5m or 1h`),
      )
      .pipe(inRange),
  ])
const seconds = duration(z.number().positive())
/** A duration that something waits for. */
const wait = duration(
  z
    .number()
    .positive()
    .refine((value) => value <= LONGEST_WAIT, 'is longer than 24d, the longest wait')
    .meta({ maximum: LONGEST_WAIT }),
)
const share = z.union([
  z.number().min(0).max(1),
  z
    .string()
    .transform((text, ctx) => shareOfOne(text) ?? issue(ctx, `'${text}' is not a share such as 1% or 0.01`)),
])
const flag = z.union([
  z.boolean(),
  z.enum(['true', 'false', '1', '0']).transform((text) => text === 'true' || text === '1'),
])
const list = z.union([
  z.array(z.string()),
  z.string().transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean),
  ),
])
/** A list of keys that turned out empty would demand nothing. */
const keyList = z.union([z.array(z.string().min(1)), list.refine((keys) => keys.length > 0, 'names no key')])
const annotations = z.union([
  z.record(z.string(), z.string()),
  list.transform((pairs, ctx) =>
    Object.fromEntries(
      pairs.map((pair) => {
        const at = pair.indexOf('=')
        return at > 0
          ? [pair.slice(0, at), pair.slice(at + 1)]
          : issue(ctx, `'${pair}' is not of the form key=value`)
      }),
    ),
  ),
])
const imageReference = z
  .string()
  .regex(/^[\w][\w.\-/:@]*$/, 'is not an image reference such as prom/prometheus:v3.5.0')

function issue(ctx: z.core.$RefinementCtx<unknown>, message: string): never {
  ctx.addIssue({ code: 'custom', message })
  return z.NEVER
}

const httpAddress = z.url({
  protocol: /^https?$/,
  error: 'must be an http address, such as http://127.0.0.1:7070',
  abort: true,
})
/** Address of an S3-compatible server, wherever it is named. */
export const registryEndpoint = httpAddress.refine((url) => {
  const { username, password } = new URL(url)
  return !username && !password
}, 'must not carry credentials: they come from the AWS default chain')

/** A stack's name: it becomes part of container, namespace label and file names (RFC 1123 label, at most 30 characters). */
export const stackName = z
  .string()
  .regex(
    /^[a-z0-9]([-a-z0-9]{0,28}[a-z0-9])?$/,
    'must be lower-case letters, digits and dashes, at most 30, e.g. fnd or demo-2',
  )

/** Models that a backend may hold: the one that answers, the one before, the one on trial, the one that comes. */
export const MODELS_AT_ONCE = 4

export const settingsSchema = z.strictObject({
  name: stackName.default('fnd').describe('Name of the stack; several stacks can stand side by side'),
  runtime: z
    .enum(['auto', 'kind', 'cluster', 'local'])
    .default('auto')
    .describe('Where the stack runs: auto takes kind where a Docker engine answers, else local'),
  context: z.string().optional().describe('Kubernetes context to use (runtime cluster)'),
  model: z
    .string()
    .default(DEFAULT_MODEL)
    .describe(
      'Model: "base" (best; the same as "bundled"), "fast" (quicker and smaller), a folder, or s3://bucket/prefix/name with @version or #alias',
    ),
  registry: z
    .strictObject({
      endpoint: registryEndpoint.optional().describe('Address of an S3-compatible server; default: AWS S3'),
      region: z.string().min(1).optional().describe('Region of the bucket; default: as AWS tools find it'),
      pathStyle: flag
        .optional()
        .describe('Whether the bucket stands in the path of addresses; default: where an endpoint is named'),
      trustedKeys: keyList
        .default([])
        .describe(
          'Public keys, as PEM files or written out: a model of a registry must be signed by one of them; default: signatures are shown, not demanded',
        ),
      poll: wait
        .default(30)
        .describe('How often a backend looks whether its alias (s3://…#production) has moved'),
      keep: wait
        .default(600)
        .describe('How long a backend keeps the version before loaded, for a roll-back at once'),
      retain: whole(MODELS_AT_ONCE)
        .optional()
        .describe(
          `How many models a backend that follows an alias leaves in the cache folder: at least the ${MODELS_AT_ONCE} that it may hold at once (the one that answers, the one before, the one on trial, the one that comes); default: all (in pods ${MODELS_AT_ONCE})`,
        ),
    })
    .prefault({}),
  offline: flag.default(false).describe('Never download anything'),
  strict: flag.default(false).describe('A missing component is an error instead of a degraded stack'),
  timeout: wait.default(300).describe('Longest wait for the stack to become ready, in seconds or as 5m'),
  ports: z
    .strictObject({
      backend: port.default(8000).describe('Port of the backend, on 127.0.0.1 or on backend.host'),
      prometheus: port.default(9090).describe('Port of Prometheus on 127.0.0.1'),
      grafana: port.default(3001).describe('Port of Grafana on 127.0.0.1'),
      s3: port.default(7070).describe('Port of the S3 server on 127.0.0.1 (kubernetes.s3)'),
    })
    .prefault({}),
  backend: z
    .strictObject({
      host: z.string().default('127.0.0.1').describe('Address that the backend listens on'),
      workers: whole(1, 64).optional().describe('Inference workers; default: one per available core'),
      deadline: wait
        .default(10)
        .describe(
          'Longest time that a request may wait for its answer; what cannot be answered by then is refused with 503',
        ),
      bodyLimit: whole(1024).default(1_048_576).describe('Largest request body, in bytes'),
      batchLimit: whole(1, 1000).default(100).describe('Most texts in one batch request'),
      rateLimit: whole(0).default(0).describe('Requests per minute and client address; 0: no limit'),
      cors: list.default([]).describe('Origins that browsers may call from'),
      apiKey: z
        .string()
        .min(16)
        .optional()
        .describe('When set, requests must carry it as X-API-Key; set it in the environment, not in a file'),
      grace: wait.default(25).describe('Longest time to finish queued work after SIGTERM'),
      linger: wait
        .optional()
        .describe(
          'How long after SIGTERM requests are still answered while clients are told to close their connections (default: 0s; in pods 5s)',
        ),
      logLevel: z
        .enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent'])
        .default('info')
        .describe('Level of the structured log'),
    })
    .prefault({}),
  prometheus: z
    .strictObject({
      scrapeInterval: wait.default(15).describe('How often Prometheus scrapes the backend'),
      retention: seconds.default(15 * 86400).describe('How long Prometheus keeps its samples'),
    })
    .prefault({}),
  programs: z
    .strictObject({
      prometheus: z.string().optional().describe('Path of a prometheus binary to use'),
      grafana: z.string().optional().describe('Path of a Grafana home folder or grafana binary to use'),
      kind: z.string().optional().describe('Path of a kind binary to use'),
      docker: z.string().optional().describe('Path of a docker client to use'),
      mirror: z.url().optional().describe('Base address that replaces the publishers’ download hosts'),
      packages: flag
        .default(true)
        .describe(
          'Whether the system’s package manager may be asked (downloads and unpacks into the cache; installs nothing)',
        ),
    })
    .prefault({}),
  images: z
    .strictObject({
      node: imageReference.optional().describe('kind node image'),
      base: imageReference.optional().describe('Base image of the backend image'),
      prometheus: imageReference.optional().describe('Prometheus image'),
      grafana: imageReference.optional().describe('Grafana image'),
      s3: imageReference.optional().describe('Image of the S3 server (kubernetes.s3)'),
      backend: imageReference.optional().describe('Ready-made backend image (runtime cluster)'),
      mirror: z.string().optional().describe('Registry that replaces docker.io in the default images'),
    })
    .prefault({}),
  kubernetes: z
    .strictObject({
      replicas: whole(1, 100)
        .default(2)
        .describe('Backend pods; on a cluster, the fewest that the autoscaler keeps'),
      maxReplicas: whole(1, 1000)
        .default(10)
        .describe('Most backend pods that the autoscaler makes (runtime cluster)'),
      cpuPercent: whole(1, 100)
        .default(70)
        .describe('CPU use, in percent of what a pod requests, that the autoscaler aims at'),
      storage: z
        .string()
        .regex(/^\d+(\.\d+)?(Mi|Gi|Ti|M|G|T)$/, 'is not a size such as 10Gi')
        .default('10Gi')
        .describe('Size of the volume for Prometheus (runtime cluster)'),
      storageClass: z
        .string()
        .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, 'is not the name of a storage class')
        .optional()
        .describe('Storage class of that volume; default: the cluster’s'),
      s3: flag
        .optional()
        .describe(
          'Whether the kind cluster has an S3 server for models; default: as the cluster stands, none in a new one',
        ),
      registrySecret: z
        .string()
        .regex(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/, 'is not the name of a Secret')
        .optional()
        .describe(
          'Secret in the backend’s namespace with the registry’s credentials: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, where there is one, AWS_SESSION_TOKEN',
        ),
      serviceAccount: z
        .strictObject({
          roleArn: z
            .string()
            .regex(
              /^arn:aws[\w-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/,
              'is not a role such as arn:aws:iam::111122223333:role/fnd',
            )
            .optional()
            .describe('IAM role that the backend’s pods take on EKS (IRSA): eks.amazonaws.com/role-arn'),
          annotations: annotations
            .default({})
            .describe(
              'More annotations of the backend’s service account; in a variable as key=value,key=value',
            ),
        })
        .prefault({}),
    })
    .prefault({}),
  slo: z
    .strictObject({
      availability: share.default(0.99).describe('Share of requests that must not end in 5xx'),
      latency: seconds
        .refine((value) => (LATENCY_BUCKETS as readonly number[]).includes(value), {
          error: `must be an edge of the latency histogram: ${LATENCY_BUCKETS.map((edge) => `${edge}s`).join(', ')}`,
        })
        .default(1)
        .describe('Threshold of the latency objective, one of the histogram’s bucket edges'),
      latencyShare: share
        .default(0.95)
        .describe('Share of predictions that must be faster than the threshold'),
      window: seconds.default(30 * 86400).describe('Length of the error budget’s window'),
    })
    .prefault({}),
})

/** All settings, resolved. */
export type Settings = z.output<typeof settingsSchema>

/** One leaf of the schema: where it stands and what it means. */
export interface SettingEntry {
  /** Dotted path, e.g. `ports.backend`. */
  path: string
  /** The environment variable that sets it, e.g. `FND_PORTS_BACKEND`. */
  env: string
  description: string
  default: unknown
}

/** Every setting, in the schema's order. */
export function settingEntries(): SettingEntry[] {
  const walk = (shape: Record<string, z.core.$ZodType>, at: string): SettingEntry[] =>
    Object.entries(shape).flatMap(([key, type]) => {
      const path = at ? `${at}.${key}` : key
      const inner = groupOf(type)
      return inner
        ? walk(inner.shape, path)
        : [{ path, env: envName(path), description: describe(type), default: defaultOf(type) }]
    })
  return walk(settingsSchema.shape, '')
}

/** The environment variable of a setting: `backend.logLevel` → `FND_BACKEND_LOG_LEVEL`. */
export function envName(path: string): string {
  return `FND_${path
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .replaceAll('.', '_')
    .toUpperCase()}`
}

function groupOf(type: z.core.$ZodType): z.ZodObject | undefined {
  const inner = type instanceof z.ZodPrefault ? type.unwrap() : type
  return inner instanceof z.ZodObject ? inner : undefined
}

function defaultOf(type: z.core.$ZodType): unknown {
  return type instanceof z.ZodDefault ? type.def.defaultValue : undefined
}

function describe(type: z.core.$ZodType): string {
  return (type as z.ZodType).description ?? ''
}
