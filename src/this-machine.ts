// Whether an address means the machine that fnd runs on.

import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/** By the name alone: what a name of somebody else's resolves to is not a promise. */
export function isThisMachine({ hostname }: URL): boolean {
  const host = hostname.replace(/^\[|\]$/g, '')
  return isIP(host)
    ? ['loopback', 'unspecified'].includes(ipaddr.process(host).range())
    : /(^|\.)localhost$/.test(host)
}
