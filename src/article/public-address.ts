// Which network addresses a page may be fetched from: public ones, so that a link cannot reach into a private network.

import { lookup as dnsLookup, type LookupAddress, type LookupOptions } from 'node:dns'
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import { buildConnector } from 'undici'
import { FndError } from '../errors/error.ts'

/** Public by allocation, yet answered by the cloud's own control plane (Azure's WireServer). */
const METADATA = new Set(['168.63.129.16'])

/** Why an IP address is not public; undefined when it is. */
export type NotPublic = (address: string) => string | undefined

/**
 * Why an IP address is not public, e.g. "loopback", "private" or "link-local"; undefined when it is public.
 *
 * IPv4 inside IPv6 (mapped `::ffff:0:0/96`, NAT64 `64:ff9b::/96` of RFC 6052) is judged as the IPv4 address that is reached;
 * of IPv6 only global unicast (2000::/3) passes, so that no transition mechanism is a way around.
 */
export function notPublic(address: string): string | undefined {
  const ip = ipaddr.process(address)
  if (ip.kind() === 'ipv6' && ip.match(ipaddr.IPv6.parse('64:ff9b::'), 96))
    return notPublic(ip.toByteArray().slice(12).join('.'))
  const range = ip.range()
  if (METADATA.has(ip.toString())) return 'cloud metadata'
  if (range !== 'unicast') return range.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  if (ip.kind() === 'ipv6' && !ip.match(ipaddr.IPv6.parse('2000::'), 3)) return 'reserved'
  return undefined
}

/** How a host name becomes addresses; node's dns.lookup, or a stand-in. */
export type Resolve = (
  host: string,
  options: LookupOptions & { all: true },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

/**
 * A connector for undici that looks at the very address that is about to be connected to. It is asked for every connection,
 * so a redirect or a name that changes its address between two look-ups (DNS rebinding) gets no further than the first.
 */
export function publicOnlyConnector(
  timeoutMs: number,
  world: { resolve?: Resolve; notPublic?: NotPublic },
): buildConnector.connector {
  const { resolve = dnsLookup, notPublic: judge = notPublic } = world
  const connect = buildConnector({
    timeout: timeoutMs,
    lookup: (host, options, done) =>
      resolve(host, { ...options, all: true }, (error, addresses) => {
        if (error) return done(error, [])
        // One private address among public ones is refused as well: which one is taken is not ours to say.
        for (const { address } of addresses) {
          const range = judge(address)
          if (range) return done(new FndError('FND_ADDRESS_REFUSED', { host, address, range }), [])
        }
        const [first] = addresses
        if (options.all || !first) return done(null, addresses)
        done(null, first.address, first.family)
      }),
  })
  return (options, callback) => {
    // A literal address is never looked up, so it is judged here.
    const host = options.hostname.replace(/^\[|\]$/g, '')
    const range = isIP(host) ? judge(host) : undefined
    if (range) callback(new FndError('FND_ADDRESS_REFUSED', { host, address: host, range }), null)
    else connect(options, callback)
  }
}
