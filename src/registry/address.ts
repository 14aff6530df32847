// Addresses of models in a registry: s3://bucket/prefix/name, one of its versions (@1.2.0), or an alias of it (#production).

import { FndError } from '../errors/error.ts'

/** All versions and aliases of one model. */
export interface ModelAddress {
  bucket: string
  /** Key prefix of everything that belongs to the model, without a slash at its end: `models/fnd-base`. */
  root: string
  /** The last part of `root`: the model's name. */
  name: string
}

/** One version, or whichever an alias points to. */
export type ModelReference = ModelAddress & ({ version: string } | { alias: string })

const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/
const PART = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/

/** What versions and aliases may be called: they become parts of keys. */
export const isPlainName = (text: string): boolean => PART.test(text)

/** Whether a model source names a registry, not a folder. */
export const isRegistrySource = (source: string): boolean => source.startsWith('s3://')

/**
 * Parses `s3://bucket/prefix/name`, with `@version` or `#alias` behind it or neither.
 *
 * @throws FndError FND_REGISTRY_ADDRESS naming what is wrong with it.
 */
export function parseAddress(text: string): ModelAddress & { version?: string; alias?: string } {
  const wrong = (problem: string): FndError =>
    new FndError('FND_REGISTRY_ADDRESS', { address: text, problem })
  const parts = /^s3:\/\/([^/@#]+)\/([^@#]*?)\/?(?:([@#])(.*))?$/.exec(text)
  const [, bucket = '', root = '', sign, which = ''] = parts ?? []
  if (!parts) throw wrong('it is not of the form s3://bucket/prefix/name')
  if (!BUCKET.test(bucket)) throw wrong(`'${bucket}' is not a bucket's name`)
  const segments = root.split('/')
  const odd = segments.find((segment) => !isPlainName(segment))
  if (odd !== undefined) throw wrong(odd ? `'${odd}' is not a plain name` : 'the model’s name is missing')
  if (sign && !isPlainName(which))
    throw wrong(`'${sign}${which}' names no ${sign === '@' ? 'version' : 'alias'}`)
  return {
    bucket,
    root,
    name: segments.at(-1) ?? '',
    ...(sign === '@' ? { version: which } : {}),
    ...(sign === '#' ? { alias: which } : {}),
  }
}

/**
 * Parses the address of a model as a whole.
 *
 * @throws FndError FND_REGISTRY_ADDRESS, also where a version or an alias stands behind it.
 */
export function parseModel(text: string): ModelAddress {
  const { version, alias, ...address } = parseAddress(text)
  if (version === undefined && alias === undefined) return address
  throw new FndError('FND_REGISTRY_ADDRESS', {
    address: text,
    problem: `only the model is named here: ${addressText(address)}`,
  })
}

/**
 * Parses an address that names one version or one alias.
 *
 * @throws FndError FND_REGISTRY_ADDRESS.
 */
export function parseReference(text: string): ModelReference {
  const { version, alias, ...address } = parseAddress(text)
  if (version !== undefined) return { ...address, version }
  if (alias !== undefined) return { ...address, alias }
  throw new FndError('FND_REGISTRY_ADDRESS', {
    address: text,
    problem: 'it names neither a version (@1.2.0) nor an alias (#production)',
  })
}

/** The address as text. */
export function addressText(at: ModelAddress & { version?: string; alias?: string }): string {
  const which = at.version !== undefined ? `@${at.version}` : at.alias !== undefined ? `#${at.alias}` : ''
  return `s3://${at.bucket}/${at.root}${which}`
}

/** Keys of a model's objects. A file's key holds its hash: two pushes of one version never write over each other. */
export const keys = {
  versions: ({ root }: ModelAddress): string => `${root}/versions/`,
  manifest: ({ root }: ModelAddress, version: string): string => `${root}/versions/${version}/manifest.json`,
  file: ({ root }: ModelAddress, version: string, file: { path: string; sha256: string }): string =>
    `${root}/versions/${version}/files/${file.sha256}/${file.path}`,
  /** Signatures of one manifest; the key holds its hash too: the loser of two pushes signs nothing of the winner's. */
  signatures: ({ root }: ModelAddress, version: string, sha256: string): string =>
    `${root}/versions/${version}/signatures/${sha256}/`,
  aliases: ({ root }: ModelAddress): string => `${root}/aliases/`,
  alias: ({ root }: ModelAddress, alias: string): string => `${root}/aliases/${alias}.json`,
}
