import { describe, expect, it } from 'vitest'
import { parseDemands, parseWindow } from '../../../src/commands/health/limits.ts'
import { parseUrl } from '../../../src/commands/web-address.ts'

describe('--slo', () => {
  it('takes durations and shares', () => {
    expect(parseDemands('p95=300ms, errors=1%')).toEqual({ p95: 0.3, errors: 0.01 })
  })
  it.each(['p96=1s', 'p95', 'p95=fast', 'errors=2', 'errors=300ms', ''])('refuses %j', (text) =>
    expect(() => parseDemands(text)).toThrow(/--slo/),
  )
})

describe('--window', () => {
  it.each([
    ['5m', 300],
    ['1h', 3600],
    ['90', 90],
  ])('takes %s', (text, expected) => expect(parseWindow(text)).toBe(expected))
  it.each(['5s', '2d', 'soon', '-5m'])('refuses %s', (text) =>
    expect(() => parseWindow(text)).toThrow(/--window/),
  )
})

describe('addresses', () => {
  it('take a bare host and keep a path', () => {
    expect(parseUrl('health', 'prometheus', '127.0.0.1:9090').href).toBe('http://127.0.0.1:9090/')
    expect(parseUrl('health', 'prometheus', 'https://example.org/prom').href).toBe(
      'https://example.org/prom/',
    )
  })
  it('refuse what is none', () => expect(() => parseUrl('health', 'backend', 'ftp://x')).toThrow(/--backend/))
})
