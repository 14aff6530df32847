// What explains a failure in a cluster, saved before anything is rolled back: objects, events, logs.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '../../errors/error.ts'
import { ownedObjects } from '../../kube/apply.ts'
import type { KubeClient } from '../../kube/client.ts'
import { readable } from '../../kube/diff.ts'
import { POD, refOf } from '../../kube/pods.ts'
import { podSchema } from '../../kube/schemas.ts'
import { keepEvidence } from '../evidence.ts'
import type { KubernetesStack } from './stack.ts'

const LOG_LINES = 500

/** Saves the evidence; resolves to its folder. */
export function saveEvidence(client: KubeClient | undefined, stack: KubernetesStack): Promise<string> {
  return keepEvidence(stack.paths, stack.settings.name, async (folder) => {
    const save = (name: string, text: string) => writeFile(join(folder, name), text, { mode: 0o600 })
    if (client) await saveCluster(client, stack, save)
    else await save('cluster.txt', 'There was no cluster to ask.\n')
  })
}

async function saveCluster(
  client: KubeClient,
  stack: KubernetesStack,
  save: (name: string, text: string) => Promise<void>,
): Promise<void> {
  const owned = await ownedObjects(client, stack.owner)
  await save('manifests.yaml', owned.map(readable).join('---\n'))
  for (const namespace of stack.owner.namespaces) {
    const [events, pods] = await Promise.all([
      client.list({ apiVersion: 'v1', kind: 'Event' }, { namespace }),
      client.list(POD, { namespace, labels: stack.owner.selector }),
    ])
    await save(`events-${namespace}.json`, JSON.stringify(events, undefined, 2))
    await save(`pods-${namespace}.json`, JSON.stringify(pods, undefined, 2))
    for (const pod of pods.map((raw) => podSchema.parse(raw))) {
      for (const { name, restartCount } of pod.status.containerStatuses) {
        for (const previous of restartCount > 0 ? [true, false] : [false]) {
          const lines: string[] = []
          try {
            for await (const line of client.logs(refOf(pod), name, { tail: LOG_LINES, previous }))
              lines.push(line)
          } catch (error) {
            lines.push(`[fnd] not to be had: ${messageOf(error)}`)
          }
          const file = `${pod.metadata.name}-${name}${previous ? '-previous' : ''}.log`
          await save(`logs/${file}`, `${lines.join('\n')}\n`)
        }
      }
    }
  }
}
