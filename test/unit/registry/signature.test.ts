// Who signed a manifest: what is taken for a key, what for a signature, and what trust demands.

import { execFileSync } from 'node:child_process'
import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  demandTrust,
  inlineKey,
  judgeSignatures,
  keyId,
  signingKey,
  signManifest,
  trustedKeys,
} from '../../../src/registry/signature.ts'

// The first test vector of RFC 8032, 7.1; in front of the private key stands what makes it PKCS#8 (RFC 8410).
const RFC_PRIVATE = `-----BEGIN PRIVATE KEY-----
${Buffer.from(
  '302e020100300506032b6570042204209d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
  'hex',
).toString('base64')}
-----END PRIVATE KEY-----
`
const RFC_PUBLIC = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'
const RFC_SIGNATURE =
  'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b'

const pem = (key: ReturnType<typeof createPublicKey>) =>
  key.export({ type: 'spki', format: 'pem' }).toString()
const pair = generateKeyPairSync('ed25519')
const mine = signingKey(pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), 'key.pem')
const other = generateKeyPairSync('ed25519')

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fnd-keys-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('the signature is plain Ed25519, as RFC 8032 has it', () => {
  const key = signingKey(RFC_PRIVATE, 'rfc')
  expect(createPublicKey(key.key).export({ type: 'spki', format: 'der' }).toString('hex')).toContain(
    RFC_PUBLIC,
  )
  const { text } = signManifest('', key)
  expect(Buffer.from(text, 'base64').toString('hex')).toBe(RFC_SIGNATURE)
})

it('openssl reads the keys and takes the signature, as docs/registry.md says', (context) => {
  const manifest = '{"name":"toy"}'
  writeFileSync(join(folder, 'manifest.json'), manifest)
  writeFileSync(join(folder, 'key.pem.pub'), pem(pair.publicKey))
  writeFileSync(join(folder, 'sig.bin'), Buffer.from(signManifest(manifest, mine).text, 'base64'))
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
  try {
    openssl('version')
  } catch {
    context.skip('there is no openssl here')
  }
  const verify = 'pkeyutl -verify -rawin -in manifest.json -sigfile sig.bin -pubin -inkey key.pem.pub'.split(
    ' ',
  )
  expect(openssl(...verify).toString()).toContain('Verified Successfully')
  const der = openssl('pkey', '-pubin', '-in', 'key.pem.pub', '-outform', 'DER')
  expect(createHash('sha256').update(der).digest('hex').slice(0, 16)).toBe(mine.id)
  writeFileSync(join(folder, 'manifest.json'), `${manifest} `)
  expect(() => openssl(...verify)).toThrow()
})

describe('a trusted key', () => {
  it('is a PEM file, several in one, a PEM text or one line; all the same key', () => {
    writeFileSync(join(folder, 'one.pem'), pem(pair.publicKey))
    writeFileSync(join(folder, 'two.pem'), pem(pair.publicKey) + pem(other.publicKey))
    const id = keyId(pair.publicKey)
    const ids = (...named: string[]) => trustedKeys(named, folder).map((key) => key.id)
    expect(ids('one.pem')).toEqual([id])
    expect(ids(join(folder, 'two.pem'))).toEqual([id, keyId(other.publicKey)])
    expect(ids(pem(pair.publicKey), inlineKey(pair.publicKey))).toEqual([id, id])
    expect(mine.id).toBe(id)
  })

  it.each<[string, () => string, string]>([
    ['a file that is not there', () => 'nobody.pem', 'cannot be read: it does not exist'],
    ['a private key', () => RFC_PRIVATE, 'is a private key'],
    ['another text', () => '-----BEGIN CERTIFICATE-----', 'holds no public key'],
    [
      'a key of another kind',
      () => pem(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey),
      'of type ec, not ed25519',
    ],
  ])('%s is none, and no key is quoted', (_what, entry, problem) => {
    const told = (() => {
      try {
        return String(trustedKeys([entry()], folder))
      } catch (error) {
        return String(error)
      }
    })()
    expect(told).toContain(problem)
    expect(told).not.toContain('MC4CAQ')
  })
})

describe('trust', () => {
  const manifest = '{"name":"toy"}'
  const trusted = trustedKeys([inlineKey(pair.publicKey)], '.')
  const signature = signManifest(manifest, mine)
  const byOther = { ...signature, key: keyId(other.publicKey) }
  const demanded =
    (signatures: (typeof signature)[], text = manifest) =>
    () =>
      demandTrust({ address: 's3://m/toy@1', manifest: text, signatures }, trusted)

  it('takes what a trusted key signed, whoever else signed it', () => {
    expect(demanded([byOther, signature])).not.toThrow()
  })

  it('refuses everything else, naming the keys that were found and expected', () => {
    expect(demanded([])).toThrow(`it is not signed; trusted is ${mine.id}`)
    expect(demanded([byOther])).toThrow(`signed by key ${byOther.key}; trusted is ${mine.id}`)
    const wrong = `by key ${mine.id} does not match`
    expect(demanded([signature], '{"name":"toy" }')).toThrow(wrong)
    expect(demanded([{ ...signature, text: signManifest('', mine).text }])).toThrow(wrong)
    expect(demanded([{ ...signature, text: 'rubbish' }])).toThrow(wrong)
  })

  it('without trusted keys demands nothing, and says that nothing was checked', () => {
    const signed = { address: 's3://m/toy@1', manifest, signatures: [byOther] }
    expect(() => demandTrust(signed, [])).not.toThrow()
    expect(judgeSignatures(signed, [])).toEqual([{ key: byOther.key, standing: 'unchecked' }])
  })
})

describe('a key to sign with', () => {
  it.each<[string, () => string, string]>([
    ['a public key', () => pem(pair.publicKey), 'not a private key in PEM'],
    [
      'one under a passphrase',
      () =>
        pair.privateKey
          .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
          .toString(),
      'encrypted with a passphrase',
    ],
  ])('%s is none', (_what, text, why) => {
    expect(() => signingKey(text(), 'key.pem')).toThrow(why)
  })
})
