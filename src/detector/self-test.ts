// The self-test of a model: it answers its own reference texts, and the answers are those that its manifest states.

import { FndError } from '../errors/error.ts'
import { answer } from './answer.ts'
import type { Bundle } from './bundle.ts'
import type { ReadResult } from './reader.ts'

/**
 * Reads each reference text of the bundle; does nothing for a bundle without any.
 *
 * @throws FndError FND_MODEL_SELF_TEST for the first answer that is further off than the bundle's tolerance.
 */
export async function runSelfTest(
  bundle: Bundle,
  read: (text: string) => Promise<ReadResult>,
): Promise<void> {
  const { inputs, tolerance } = bundle.manifest.selfTest ?? { inputs: [], tolerance: 0 }
  for (const [index, { text, fake }] of inputs.entries()) {
    const { probabilities } = await answer(await read(text), bundle, performance.now())
    // Written so that a NaN fails as well.
    if (Math.abs(probabilities.fake - fake) <= tolerance) continue
    throw new FndError('FND_MODEL_SELF_TEST', {
      place: bundle.folder,
      text: index + 1,
      expected: fake,
      found: probabilities.fake,
    })
  }
}
