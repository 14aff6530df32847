// Cyrillic and Greek letters in Latin words: nothing of it is seen.

import { LOOK_ALIKES } from '../../detector/disguise.ts'
import { oneOf, type Random } from '../../random.ts'

/** Share of the letters that have a twin. */
const SHARE = 0.1

const TWINS = new Map<string, string[]>()
for (const script of ['Cyrillic', 'Greek'])
  for (const [twin, latin] of Object.entries(LOOK_ALIKES[script] ?? {}))
    TWINS.set(latin, [...(TWINS.get(latin) ?? []), twin])

/** About one in ten of the letters that have a twin in another script is replaced by it. */
export function withLookAlikes(text: string, random: Random): string {
  return text.replace(/[A-Za-z]/g, (letter) => {
    const twins = TWINS.get(letter)
    return twins && random() < SHARE ? oneOf(twins, random) : letter
  })
}
