// Keep-alive HTTP clients over bare sockets, in a process of their own: a load that costs the cores it shares with the service
// as little as can be. Told over IPC what to send; answers with what came back. Started by clients.js.

import { connect } from 'node:net'

/** Bytes of the answers are not read further than this: status, Retry-After and length stand before it. */
const HEAD_END = '\r\n\r\n'

/** The connection broke before the answer; no answer came for so many milliseconds. */
const LOST = 0
const HUNG = -1
const LONGEST_WAIT = 60_000

/** Milliseconds after which a client that was refused comes again, whatever it was told: less would load the cores, not the queue. */
const REFUSED_PAUSE = 250

process.on('message', async ({ origin, clients, path, bodies, seconds }) => {
  const { hostname, port } = new URL(origin)
  const requests = bodies.map((body) =>
    Buffer.from(
      `POST ${path} HTTP/1.1\r\nhost: ${hostname}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    ),
  )
  const until = seconds === undefined ? Number.POSITIVE_INFINITY : performance.now() + seconds * 1000
  let next = 0
  // Once through, or round and round for as long as was asked.
  const take = () => {
    if (performance.now() >= until) return undefined
    const at = next++
    return seconds === undefined ? requests[at] : requests[at % requests.length]
  }
  const cpu = process.cpuUsage()
  const began = performance.now()
  const answers = (
    await Promise.all(Array.from({ length: clients }, () => client(hostname, port, take)))
  ).flat()
  const { user, system } = process.cpuUsage(cpu)
  process.send({ answers, seconds: (performance.now() - began) / 1000, cpuSeconds: (user + system) / 1e6 })
})

/** One connection, one request at a time. Resolves to what each request came to; LOST and HUNG are statuses of our own. */
function client(host, port, take) {
  return new Promise((resolve) => {
    const answers = []
    const socket = connect({ host, port: Number(port), noDelay: true })
    let sent = 0
    let waiting = false
    let text = ''
    const send = () => {
      const request = take()
      if (!request) return socket.end()
      waiting = true
      sent = performance.now()
      socket.write(request)
    }
    const settle = (status, retryAfter) => {
      waiting = false
      answers.push({ status, retryAfter, ms: performance.now() - sent })
    }
    socket.setEncoding('latin1')
    socket.on('connect', send)
    socket.on('data', (piece) => {
      text += piece
      const head = text.indexOf(HEAD_END)
      if (head < 0) return
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(text)?.[1] ?? 0)
      if (text.length < head + HEAD_END.length + length) return
      const status = Number(text.slice(9, 12))
      settle(status, status === 200 ? undefined : /\r\nretry-after: (\S+)/i.exec(text)?.[1])
      text = ''
      if (status === 503) setTimeout(send, REFUSED_PAUSE)
      else send()
    })
    socket.setTimeout(LONGEST_WAIT, () => {
      if (waiting) settle(HUNG)
      socket.destroy()
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      if (waiting) settle(LOST)
      resolve(answers)
    })
  })
}
