// What an S3 server or the way to it says has gone wrong, in the words of the catalogue.

import { FndError, messageOf } from '../errors/error.ts'
import { excerpt } from '../errors/excerpt.ts'
import { isOfTheNetwork } from '../errors/system.ts'

interface Where {
  bucket: string
  place: string
  region?: string | undefined
}

interface Answered {
  name: string
  message: string
  /** Node's own codes: ECONNREFUSED and the like. */
  code?: string
  Code?: string
  $metadata?: { httpStatusCode?: number }
  /** What AWS says about the bucket's home, where it says so. */
  $response?: { headers?: Record<string, string> }
}

const answered = (error: unknown): Answered =>
  error instanceof Error ? (error as Error & Answered) : { name: '', message: String(error) }

const status = (error: unknown): number | undefined => answered(error).$metadata?.httpStatusCode

/** The object is not there (a bucket that is not there is another matter). */
export const isMissing = (error: unknown): boolean => ['NoSuchKey', 'NotFound'].includes(answered(error).name)

/** The object is as it was. */
export const isUnchanged = (error: unknown): boolean => status(error) === 304

/** A conditional write whose condition did not hold, or that met another one (409): who reads again learns which. */
export const isConflict = (error: unknown): boolean =>
  status(error) === 412 || answered(error).name === 'ConditionalRequestConflict' || isVanished(error)

/** If-Match on an object that is not there. */
const isVanished = (error: unknown): boolean => status(error) === 404 && answered(error).name === 'NoSuchKey'

/** Codes and names besides those that have a meaning of their own: EPIPE, EPROTO of TLS, … */
const NETWORK = /^(E[A-Z]+|ERR_(SSL|TLS)_\w+|UND_ERR_\w+|TimeoutError)$/

const isNetwork = (code: string | undefined): boolean =>
  code !== undefined && (isOfTheNetwork(code) || NETWORK.test(code))

/** The error as one of the catalogue; an abort stays what it is. */
export function asRegistryError(cause: unknown, { bucket, place, region }: Where): Error {
  if (cause instanceof FndError) return cause
  const { name, message, code, $response } = answered(cause)
  if (name === 'AbortError' && cause instanceof Error) return cause
  const why =
    message && message !== 'UnknownError' ? excerpt(message) : `it answered ${status(cause) ?? name}`
  const home = $response?.headers?.['x-amz-bucket-region'] ?? /expecting "([\w-]+)"/.exec(message)?.[1]
  if (name === 'CredentialsProviderError' || name === 'TokenProviderError' || name === 'ExpiredToken')
    return new FndError('FND_REGISTRY_CREDENTIALS', { why }, { cause })
  if (name === 'RequestTimeTooSkewed' || name === 'RequestExpired')
    return new FndError('FND_REGISTRY_CLOCK', { place }, { cause })
  if (name === 'NoSuchBucket' || (name === 'NotFound' && status(cause) === 404))
    return new FndError('FND_REGISTRY_BUCKET', { bucket, place }, { cause })
  if (
    message === 'Region is missing' ||
    ['AuthorizationHeaderMalformed', 'PermanentRedirect', 'IllegalLocationConstraintException'].includes(
      name,
    ) ||
    status(cause) === 301
  )
    return new FndError(
      'FND_REGISTRY_REGION',
      { bucket, ...(region ? { used: region } : {}), ...(home ? { home } : {}) },
      { cause },
    )
  if (status(cause) === 403 || status(cause) === 401 || /^X?A\w*UserNotFound|^InvalidAccessKeyId$/.test(name))
    return new FndError('FND_REGISTRY_FORBIDDEN', { bucket, place, why }, { cause })
  if (status(cause) === undefined && (isNetwork(code) || isNetwork(name)))
    // The AWS client calls a broken connection a TimeoutError; its code says what it was.
    return new FndError(
      'FND_REGISTRY_UNREACHABLE',
      { place, why: messageOf(code ? Object.assign(new Error(message), { code }) : cause) },
      { cause },
    )
  return new FndError('FND_REGISTRY_FAILED', { place, why }, { cause })
}
