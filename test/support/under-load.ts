// Clients that ask a backend without a break, and what became of their requests.

import { setTimeout as sleep } from 'node:timers/promises'

const TEXT =
  'The council voted on Tuesday to repair the two bridges over the river before winter, the mayor said.'

export interface Load {
  /** The versions that answered last, newest last. */
  readonly versions: readonly string[]
  /** Ends the clients; resolves to what went wrong and how often it went well. */
  stop(): Promise<{ answered: number; failed: string[] }>
}

/** Asks until stopped, with so many clients at a time. */
export function underLoad(backend: URL, clients: number): Load {
  let going = true
  const versions: string[] = []
  const failed: string[] = []
  const client = async () => {
    while (going) {
      try {
        const response = await fetch(new URL('/predict', backend), {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ text: TEXT }),
        })
        const body = (await response.json()) as { model?: { version: string } }
        if (response.status === 200 && body.model) versions.push(body.model.version)
        else failed.push(`${response.status} ${JSON.stringify(body)}`)
      } catch (error) {
        failed.push(String(error instanceof Error && error.cause ? error.cause : error))
      }
      await sleep(50)
    }
  }
  const running = Array.from({ length: clients }, client)
  return {
    versions,
    stop: async () => {
      going = false
      await Promise.all(running)
      return { answered: versions.length, failed }
    },
  }
}
