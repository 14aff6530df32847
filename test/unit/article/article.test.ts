// Articles from the web: what is refused, and what is taken out of a page. Real servers on this machine.

import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { articleOf, fetchArticle } from '../../../src/article/article.ts'
import { decodePage } from '../../../src/article/charset.ts'
import type { PageLimits } from '../../../src/article/page.ts'
import { notPublic, type Resolve } from '../../../src/article/public-address.ts'

const never = new AbortController().signal
const PARAGRAPH = `The harbour council voted on Tuesday to widen the northern quay, ${'a long debate, '.repeat(20)}and two members abstained.`
const PAGE = `<html><head><title>Quay</title></head><body><nav>Menu Home</nav><article><p>${PARAGRAPH}</p><p>${PARAGRAPH} End.</p></article><footer>Imprint</footer></body></html>`
let server: Server | undefined

afterEach(() => {
  server?.closeAllConnections()
  server?.close()
  server = undefined
})

async function site(answer: RequestListener): Promise<string> {
  server = createServer(answer)
  await new Promise<void>((done) => server?.listen(0, '127.0.0.1', done))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('addresses', () => {
  it.each([
    ['127.0.0.1', 'loopback'],
    ['10.0.0.1', 'private'],
    ['169.254.169.254', 'link-local'],
    ['100.100.100.200', 'carrier-grade-nat'],
    ['168.63.129.16', 'cloud metadata'],
    ['0.0.0.0', 'unspecified'],
    ['::1', 'loopback'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['::ffff:169.254.169.254', 'link-local'],
    ['::7f00:1', 'reserved'],
    ['64:ff9b::7f00:1', 'loopback'],
    ['2002:7f00:1::', '6to4'],
    ['fd00:ec2::254', 'unique-local'],
    ['fe80::1', 'link-local'],
  ])('%s is not public: %s', (address, range) => expect(notPublic(address)).toMatch(range))

  it.each(['93.184.215.14', '2606:4700::1111', '64:ff9b::808:808', '::ffff:8.8.8.8'])(
    '%s is public',
    (address) => expect(notPublic(address)).toBeUndefined(),
  )

  it.each([
    'http://127.0.0.1/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://localhost/',
  ])('%s is refused before anything is sent', async (url) => {
    await expect(fetchArticle(url, { allowPrivate: false }, never)).rejects.toMatchObject({
      code: 'FND_ADDRESS_REFUSED',
    })
  })

  it('a public-looking name is judged by the address it leads to, one private among public ones is enough', async () => {
    const resolve: PageLimits['resolve'] = (_host, _options, done) =>
      done(null, [
        { address: '93.184.215.14', family: 4 },
        { address: '10.0.0.7', family: 4 },
      ])
    await expect(
      fetchArticle('http://news.example/', { allowPrivate: false, resolve }, never),
    ).rejects.toMatchObject({ code: 'FND_ADDRESS_REFUSED', params: { address: '10.0.0.7' } })
  })

  it.each(['ftp://example.org/', 'file:///etc/passwd', 'nonsense', 'http://me:secret@example.org/'])(
    '%s is not an address to fetch',
    async (url) =>
      expect(fetchArticle(url, { allowPrivate: true }, never)).rejects.toMatchObject({ code: 'FND_USAGE' }),
  )
})

describe('a way around', () => {
  // 127.0.0.1 plays the public internet, all other addresses are what they are: 127.0.0.2 is a service of this machine.
  const playsPublic = (address: string) => (address === '127.0.0.1' ? undefined : notPublic(address))
  const news = (port: string, limits: Partial<PageLimits>) =>
    fetchArticle(
      `http://news.example:${port}/`,
      { allowPrivate: false, notPublic: playsPublic, timeoutMs: 2000, ...limits },
      never,
    )
  /** Names by turns: the first look-up gets the first address, what is beyond the last gets the last. */
  const dns = (...addresses: string[]) => {
    let lookUps = 0
    const resolve: Resolve = (_host, _options, done) => {
      const address = addresses[Math.min(lookUps++, addresses.length - 1)] ?? ''
      done(null, [{ address, family: 4 }])
    }
    return { resolve, lookUps: () => lookUps }
  }
  /** A server on every address of this machine, which remembers where it was asked what. */
  async function everywhere(redirectTo: (port: string) => string | undefined) {
    const asked: string[] = []
    server = createServer((request, response) => {
      asked.push(`${request.socket.localAddress}${request.url}`)
      const location = request.url === '/' ? redirectTo(port) : undefined
      if (location) response.writeHead(302, { location, connection: 'close' }).end()
      else response.writeHead(200, { 'content-type': 'text/html', connection: 'close' }).end(PAGE)
    })
    await new Promise<void>((done) => server?.listen(0, '0.0.0.0', done))
    const port = String((server.address() as AddressInfo).port)
    return { port, asked }
  }

  it.each([
    ['an address of this machine', (port: string) => `http://127.0.0.2:${port}/secret`],
    ['the same in IPv6', (port: string) => `http://[::ffff:127.0.0.2]:${port}/secret`],
    ['the cloud metadata service', () => 'http://169.254.169.254/latest/meta-data/'],
    ['a private network', () => '//10.0.0.7/'],
  ])('a redirect to %s is refused and not followed', async (_what, location) => {
    const { port, asked } = await everywhere(location)
    await expect(news(port, dns('127.0.0.1'))).rejects.toMatchObject({ code: 'FND_ADDRESS_REFUSED' })
    expect(asked).toEqual(['127.0.0.1/'])
  })

  it('a name that is public when it is judged and loopback when it is connected to: there is one look-up only', async () => {
    const { port, asked } = await everywhere(() => undefined)
    const rebinding = dns('127.0.0.1', '127.0.0.2')
    expect(await news(port, rebinding)).toMatchObject({ title: 'Quay' })
    expect(asked).toEqual(['127.0.0.1/'])
    expect(rebinding.lookUps()).toBe(1)
  })

  it('a name that has become loopback by the next connection is judged again', async () => {
    const { port, asked } = await everywhere((port) => `http://news.example:${port}/again`)
    await expect(news(port, dns('127.0.0.1', '127.0.0.2'))).rejects.toMatchObject({
      code: 'FND_ADDRESS_REFUSED',
      params: { host: 'news.example', address: '127.0.0.2' },
    })
    expect(asked).toEqual(['127.0.0.1/'])
  })
})

describe('a page', () => {
  const html =
    (body: string | Buffer): RequestListener =>
    (_request, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end(body)
  const problemOf = async (answer: RequestListener, limits: Partial<PageLimits> = {}) =>
    fetchArticle(await site(answer), { allowPrivate: true, ...limits }, never).then(
      () => 'no error',
      (error: Error) => error.message,
    )

  it('gives its article, without menu and footer, over redirects', async () => {
    const base = await site((request, response) =>
      request.url === '/new'
        ? html(PAGE)(request, response)
        : response.writeHead(302, { location: '/new' }).end(),
    )
    const article = await fetchArticle(base, { allowPrivate: true }, never)
    expect(article).toMatchObject({ url: `${base}/new`, title: 'Quay' })
    expect(article.text).toBe(`${PARAGRAPH}\n\n${PARAGRAPH} End.`)
  })

  it('is refused when too large, of another type, missing, late, or going round in circles', async () => {
    expect(await problemOf(html('x'.repeat(5000)), { maxBytes: 4000 })).toMatch(/larger than/)
    expect(await problemOf((_, r) => r.writeHead(200, { 'content-type': 'image/png' }).end('x'))).toMatch(
      /image\/png/,
    )
    expect(await problemOf((_, r) => r.writeHead(404).end())).toMatch(/404 Not Found/)
    expect(await problemOf(() => {}, { timeoutMs: 100 })).toMatch(/no answer within 0.1 s/)
    expect(await problemOf((_, r) => r.writeHead(302, { location: '/' }).end())).toMatch(/more than 5 times/)
    expect(await problemOf(html('<html></html>'))).toMatch(/no article text/)
  })

  it('is decoded as its header, its mark or itself says', () => {
    const umlaut = Uint8Array.of(0xfc)
    expect(decodePage(umlaut, 'text/html; charset=iso-8859-1')).toBe('ü')
    expect(decodePage(umlaut, 'text/html')).toBe('ü')
    expect(decodePage(Buffer.from('ü'), 'text/html; charset=nonsense')).toBe('ü')
    expect(decodePage(Uint8Array.of(0xff, 0xfe, 0xfc, 0), '')).toBe('ü')
    expect(decodePage(Buffer.from('<meta charset="koi8-r">\xc1', 'latin1'), '')).toContain('а')
  })

  it('of plain text is its own article', () => {
    expect(articleOf({ url: 'u', kind: 'text', body: ' a text ' })).toEqual({ url: 'u', text: 'a text' })
  })
})
