// Signatures over manifests: Ed25519 (RFC 8032) over the exact bytes of manifest.json, one object for each key that signed.

import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { FndError, messageOf } from '../errors/error.ts'
import { addressText, keys, type ModelAddress } from './address.ts'
import type { ObjectStore } from './store.ts'

/** A signature as it lies beside a manifest: nothing of it is checked yet. */
export interface Signature {
  /** The id of the key that it says it is made with. */
  key: string
  /** The 64 bytes in Base64. */
  text: string
}

/** A public key that whoever runs this fnd trusts. */
export interface TrustedKey {
  id: string
  key: KeyObject
}

/** A private key to sign with. */
export interface SigningKey {
  id: string
  key: KeyObject
}

/** `unknown`: by a key that is not trusted; `unchecked`: no key is, so that nothing was demanded. */
export type Standing = 'valid' | 'invalid' | 'unknown' | 'unchecked'

/** What is said of one signature. */
export interface JudgedSignature {
  key: string
  standing: Standing
}

/** A manifest, where it comes from, and who signed it. */
export interface SignedManifest {
  /** The version's address, for messages. */
  address: string
  /** Byte for byte. */
  manifest: string
  signatures: readonly Signature[]
}

/** Anybody who may write to the bucket may add some: no more are looked at. */
const MOST_SIGNATURES = 32
const KEY_ID = /^[0-9a-f]{16}$/
const SIGNATURE = /^[A-Za-z0-9+/]{86}==$/
/** An Ed25519 public key as SPKI in Base64: the same twelve bytes before each. */
const INLINE_KEY = /^MCowBQYDK2VwAyEA[A-Za-z0-9+/]{43}=$/
const PEM_BLOCK = /-----BEGIN PUBLIC KEY-----[A-Za-z0-9+/=\s]+-----END PUBLIC KEY-----/g

/** The id of a key: the first 16 hex digits of the SHA-256 of its public half (SPKI, DER). */
export function keyId(key: KeyObject): string {
  return createHash('sha256').update(spki(key)).digest('hex').slice(0, 16)
}

/** The public half of a key in one line, as `registry.trustedKeys` takes it: SPKI in Base64. */
export const inlineKey = (key: KeyObject): string => spki(key).toString('base64')

const spki = (key: KeyObject): Buffer =>
  (key.type === 'private' ? createPublicKey(key) : key).export({ type: 'spki', format: 'der' })

/**
 * The keys of `registry.trustedKeys`: each is a PEM file (of one or several), a PEM text, or SPKI in Base64.
 *
 * @throws FndError FND_SETTINGS_INVALID for what is no public Ed25519 key.
 */
export function trustedKeys(named: readonly string[], cwd: string): TrustedKey[] {
  return named.flatMap((entry) => {
    const problem = (text: string): FndError =>
      new FndError('FND_SETTINGS_INVALID', { source: 'registry.trustedKeys', problems: [text] })
    // A text is not quoted: it may be a private key that was put there by mistake.
    const inline = INLINE_KEY.test(entry) || entry.includes('-----BEGIN')
    const what = inline ? 'a key that is written out' : entry
    const pems = INLINE_KEY.test(entry)
      ? [`-----BEGIN PUBLIC KEY-----\n${entry}\n-----END PUBLIC KEY-----`]
      : publicPems(inline ? entry : fileText(entry, cwd, problem), what, problem)
    return pems.map((pem) => {
      let key: KeyObject
      try {
        key = createPublicKey(pem)
      } catch (cause) {
        throw problem(`${what} is not a public key: ${messageOf(cause)}`)
      }
      if (key.asymmetricKeyType !== 'ed25519')
        throw problem(`${what} is a key of type ${key.asymmetricKeyType}, not ed25519`)
      return { id: keyId(key), key }
    })
  })
}

function publicPems(text: string, what: string, problem: (text: string) => FndError): string[] {
  if (text.includes('PRIVATE KEY'))
    throw problem(`${what} is a private key: name the public one, and keep this to whoever signs`)
  const pems = text.match(PEM_BLOCK)
  if (!pems) throw problem(`${what} holds no public key (-----BEGIN PUBLIC KEY-----)`)
  return pems
}

function fileText(path: string, cwd: string, problem: (text: string) => FndError): string {
  try {
    return readFileSync(resolve(cwd, path), 'utf8')
  } catch (cause) {
    throw problem(`the key file ${path} cannot be read: ${messageOf(cause)}`)
  }
}

/**
 * The private key in a PEM text (PKCS#8).
 *
 * @throws FndError FND_KEY_UNUSABLE.
 */
export function signingKey(pem: string, path: string): SigningKey {
  let key: KeyObject
  try {
    key = createPrivateKey(pem)
  } catch (cause) {
    const why = pem.includes('ENCRYPTED')
      ? 'it is encrypted with a passphrase'
      : 'it is not a private key in PEM (PKCS#8)'
    throw new FndError('FND_KEY_UNUSABLE', { path, why }, { cause })
  }
  if (key.asymmetricKeyType !== 'ed25519')
    throw new FndError('FND_KEY_UNUSABLE', {
      path,
      why: `it is a key of type ${key.asymmetricKeyType}, not ed25519`,
    })
  return { id: keyId(key), key }
}

/** The signature of a manifest's exact bytes. */
export function signManifest(manifest: string, { id, key }: SigningKey): Signature {
  return { key: id, text: sign(null, Buffer.from(manifest), key).toString('base64') }
}

/** What is to be said of each signature of a manifest. */
export function judgeSignatures(
  { manifest, signatures }: Pick<SignedManifest, 'manifest' | 'signatures'>,
  trusted: readonly TrustedKey[],
): JudgedSignature[] {
  return signatures.map(({ key: id, text }) => {
    if (trusted.length === 0) return { key: id, standing: 'unchecked' }
    const known = trusted.find((one) => one.id === id)
    if (!known) return { key: id, standing: 'unknown' }
    const holds =
      SIGNATURE.test(text) && verify(null, Buffer.from(manifest), known.key, Buffer.from(text, 'base64'))
    return { key: id, standing: holds ? 'valid' : 'invalid' }
  })
}

/**
 * Demands that one of the trusted keys signed the manifest; without trusted keys nothing is demanded.
 *
 * @throws FndError FND_MODEL_UNTRUSTED naming the keys that were expected and found.
 */
export function demandTrust(signed: SignedManifest, trusted: readonly TrustedKey[]): void {
  if (trusted.length === 0) return
  const judged = judgeSignatures(signed, trusted)
  if (judged.some(({ standing }) => standing === 'valid')) return
  const found = (standing: Standing): string =>
    judged
      .filter((one) => one.standing === standing)
      .map(({ key }) => key)
      .join(', ')
  const [invalid, unknown] = [found('invalid'), found('unknown')]
  throw new FndError('FND_MODEL_UNTRUSTED', {
    address: signed.address,
    problem: invalid
      ? `its signature by key ${invalid} does not match its manifest`
      : unknown
        ? `it is signed by key ${unknown}`
        : 'it is not signed',
    trusted: trusted.map(({ id }) => id),
  })
}

/** A version's manifest with the signatures that lie beside it. */
export async function signedVersion(
  store: ObjectStore,
  address: ModelAddress,
  { version, sha256, text }: { version: string; sha256: string; text: string },
): Promise<SignedManifest> {
  const prefix = keys.signatures(address, version, sha256)
  const found: string[] = []
  for await (const { key } of store.list(prefix)) {
    const id = signatureOf(key.slice(prefix.length))
    if (id !== undefined) found.push(id)
    if (found.length === MOST_SIGNATURES) break
  }
  const read = found.map(async (key) => {
    const object = await store.text(`${prefix}${signatureFile(key)}`)
    return object && { key, text: object.text.trim() }
  })
  return {
    address: addressText({ ...address, version }),
    manifest: text,
    signatures: (await Promise.all(read)).filter((signature) => signature !== undefined),
  }
}

/**
 * Puts a signature beside the manifest, before or after it. False when it was there already.
 *
 * @throws FndError FND_REGISTRY_DAMAGED when another one stands in its place.
 */
export async function writeSignature(
  store: ObjectStore,
  address: ModelAddress,
  { version, sha256 }: { version: string; sha256: string },
  { key, text }: Signature,
): Promise<boolean> {
  const at = `${keys.signatures(address, version, sha256)}${signatureFile(key)}`
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    if (await store.create(at, `${text}\n`)) return true
    const there = await store.text(at)
    // Ed25519 signs the same bytes to the same signature: another one is none.
    if (there?.text.trim() === text) return false
    if (there)
      throw new FndError('FND_REGISTRY_DAMAGED', {
        what: addressText({ ...address, version }),
        problem: `another signature stands where that of key ${key} belongs`,
      })
  }
  throw new FndError('FND_REGISTRY_FAILED', {
    place: store.place,
    why: `it refused a signature ${TRIES} times, though there is none`,
  })
}

const TRIES = 10

/** The name of a signature's object, and of its copy on this machine. */
export const signatureFile = (key: string): string => `${key}.sig`

/** The key id that such a name holds. */
export function signatureOf(name: string): string | undefined {
  const id = /^(.*)\.sig$/.exec(name)?.[1]
  return id !== undefined && KEY_ID.test(id) ? id : undefined
}
