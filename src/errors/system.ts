// What an error of the system or of the network means, in words that follow "Cannot read x: …".

const FILES: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is not a folder',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the disk is read-only',
  EMFILE: 'too many files are open',
}

const NETWORK: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was broken',
  UND_ERR_SOCKET: 'the connection was broken',
  EHOSTUNREACH: 'no way leads there',
  ENETUNREACH: 'no way leads there',
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'its name cannot be looked up now',
  ETIMEDOUT: 'no answer in time',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  UND_ERR_HEADERS_TIMEOUT: 'no answer in time',
  UND_ERR_BODY_TIMEOUT: 'its answer stopped coming',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by itself',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is signed by an authority that is not trusted here',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is signed by an authority that is not trusted here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is signed by an authority that is not trusted here',
}

/** Whether a code of Node says that a server cannot be reached, or not be trusted. */
export const isOfTheNetwork = (code: string): boolean => code in NETWORK

/** The meaning of what Node threw; undefined where its own message is the best there is. */
export function meaningOf(error: Error): string | undefined {
  // fetch says "fetch failed" or "terminated"; its cause says why.
  if (error instanceof TypeError && error.cause instanceof Error)
    return meaningOf(error.cause) ?? error.cause.message
  if (error.name === 'TimeoutError') return 'no answer in time'
  if (error.name === 'AbortError') return 'interrupted'
  const { code, syscall, path } = error as NodeJS.ErrnoException
  if (code === 'ENOENT' && syscall?.startsWith('spawn')) return `there is no program ${path}`
  const network = code !== undefined && NETWORK[code]
  if (network) return `${network} (${code})`
  if (code !== undefined && FILES[code]) return FILES[code]
  // A name with several addresses, none of which could be connected to.
  const [first] = error instanceof AggregateError ? error.errors : []
  return first instanceof Error ? (meaningOf(first) ?? first.message) : undefined
}
