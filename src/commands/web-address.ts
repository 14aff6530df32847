// Reads the base address of a server given as a flag.

import { FndError } from '../errors/error.ts'

/**
 * A base address with a path that ends in `/`; `http://` may be left out.
 *
 * @throws FndError FND_USAGE
 */
export function parseUrl(command: string, flag: string, text: string): URL {
  const address = text.includes('://') ? text : `http://${text}`
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new FndError('FND_USAGE', { problem: `--${flag} takes an http address, not '${text}'`, command })
  }
  if (!url.pathname.endsWith('/')) url.pathname += '/'
  return url
}
