import { expect, it } from 'vitest'
import { settingsSchema } from '../../../src/config/schema.ts'
import { imageReference, imageVersion } from '../../../src/image/references.ts'

const images = (input: object = {}) => settingsSchema.parse({ images: input }).images

it('takes default images from docker.io, or from the registry that replaces it', () => {
  expect(imageReference('prometheus', images())).toMatch(/^prom\/prometheus:v\d/)
  expect(imageReference('prometheus', images({ mirror: 'reg.example.com/hub/' }))).toMatch(
    /^reg\.example\.com\/hub\/prom\/prometheus:v\d/,
  )
  expect(imageReference('base', images({ mirror: 'reg.example.com' }))).toMatch(
    /^reg\.example\.com\/library\/node:/,
  )
})

it('takes an image that the settings name as it is, mirror or not', () => {
  expect(imageReference('base', images({ base: 'my/node:1', mirror: 'reg.example.com' }))).toBe('my/node:1')
})

it.each([
  ['prom/prometheus:v3.5.3', '3.5.3'],
  ['grafana/grafana:12.4.0', '12.4.0'],
  ['reg.example.com:5000/node', ''],
  ['reg.example.com:5000/node:22-slim', '22-slim'],
  [`prom/prometheus:v3.5.3@sha256:${'0'.repeat(64)}`, '3.5.3'],
  [`prom/prometheus@sha256:${'0'.repeat(64)}`, ''],
])('the version of %s is "%s"', (reference, version) => expect(imageVersion(reference)).toBe(version))
