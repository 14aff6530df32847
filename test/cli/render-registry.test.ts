// Manifests of pods that fetch their model: nothing is asked of a registry, and what is left to the user is said.

import { afterAll, beforeAll, expect, it } from 'vitest'
import { emptyHome, type Home } from '../support/program.ts'

let home: Home
beforeAll(() => {
  home = emptyHome()
})
afterAll(() => home[Symbol.dispose]())

const MODEL = ['--model', 's3://acme/fnd-base#production']
const IMAGE = ['--image', 'reg.example/fnd:1']

it('names the service account that needs a role; a Secret or a role settles it', async () => {
  const bare = await home.fnd(['render', ...IMAGE, ...MODEL])
  expect(bare.code).toBe(0)
  expect(bare.stderr).toContain('as the service account fake-news-app/backend: give it a role (--role-arn')
  const role = 'arn:aws:iam::111122223333:role/fnd'
  const irsa = await home.fnd(['render', ...IMAGE, ...MODEL, '--role-arn', role])
  expect(irsa.stdout).toContain(`eks.amazonaws.com/role-arn: ${role}`)
  expect(irsa.stderr).not.toContain('give it a role')
  const secret = await home.fnd(['render', ...IMAGE, ...MODEL, '--registry-secret', 'models'])
  expect(secret.stderr).toContain('the Secret fake-news-app/models, which is not among these')
})

it('has an S3 server for kind alone, with its account made by hand', async () => {
  const kind = await home.fnd(['render', '--for', 'kind', '--s3', ...MODEL])
  expect(kind.stdout).toContain('image: versity/versitygw:v')
  expect(kind.stdout).not.toContain('kind: Secret')
  expect(kind.stderr).toContain('create secret generic s3 --from-literal=AWS_ACCESS_KEY_ID=fnd')
  for (const args of [
    ['render', '--s3'],
    ['up', '--runtime', 'local', '--s3'],
  ]) {
    const refused = await home.fnd(args)
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('Only a kind cluster gets')])
  }
})

it('refuses an endpoint that only this machine has', async () => {
  const local = await home.fnd(['render', ...IMAGE, ...MODEL, '--s3-endpoint', 'http://localhost:9000'])
  expect(local.code).toBe(2)
  expect(local.stderr).toContain('Pods cannot reach the registry at http://localhost:9000')
})
