// A stand-in for Grafana's image where that cannot be had: it is not Grafana and says so. It proves what is ours: the
// provisioning files, the dashboards and the secret are mounted where the real one reads them, and Prometheus is reached.

const { createServer } = require('node:http')
const { readFileSync, readdirSync } = require('node:fs')

const password = readFileSync(process.env.GF_SECURITY_ADMIN_PASSWORD__FILE, 'utf8')
const datasource = readFileSync('/etc/grafana/provisioning/datasources/prometheus.yaml', 'utf8')
const provider = readFileSync('/etc/grafana/provisioning/dashboards/fnd.yaml', 'utf8')
const field = (name) => new RegExp(`^\\s*-?\\s*${name}: (.+)$`, 'm').exec(datasource)?.[1]
const folder = /path: (.+)$/m.exec(provider)?.[1] ?? ''
const dashboards = readdirSync(folder).filter((name) => name.endsWith('.json'))
const titles = dashboards.map((name) => JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')).title)
if (password.length < 16) throw new Error('the admin password is not in its file')
if (process.env.GF_AUTH_ANONYMOUS_ENABLED !== 'false') throw new Error('anonymous access is not off')
if (process.getuid() !== 472) throw new Error(`runs as ${process.getuid()}, not as Grafana's own user`)

const login = `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`
const PROXY = '/api/datasources/proxy/uid/prometheus'

const server = createServer(async (request, response) => {
  const answer = (status, body) => {
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body))
  }
  try {
    if (request.url === '/healthz') return answer(200, 'Ok')
    if (request.url === '/api/health')
      return answer(200, { database: 'ok', version: 'stand-in, not Grafana' })
    if (request.headers.authorization !== login) return answer(401, { message: 'Unauthorized' })
    if (request.url === '/api/datasources/uid/prometheus')
      return answer(200, {
        name: field('name'),
        url: field('url'),
        access: field('access'),
        type: field('type'),
      })
    if (request.url === '/api/datasources')
      return answer(200, [
        { uid: field('uid'), type: field('type'), isDefault: field('isDefault') === 'true' },
      ])
    if (request.url.startsWith('/api/search'))
      return answer(
        200,
        titles.map((title) => ({ title })),
      )
    if (request.url.startsWith(PROXY)) {
      const asked = await fetch(`${field('url')}${request.url.slice(PROXY.length)}`)
      return answer(asked.status, await asked.json())
    }
    answer(404, { message: 'the stand-in does not know this' })
  } catch (error) {
    answer(502, { message: String(error) })
  }
})
server.listen(3000, () =>
  process.stdout.write(`This is a stand-in, not Grafana; dashboards: ${titles.join(', ')}\n`),
)
process.on('SIGTERM', () => server.close(() => process.exit(0)))
