// How far answers move when texts are changed in ways that say nothing new.

import type { Label } from '../detector/detector.ts'
import { seededRandom } from '../random.ts'
import type { Interval } from './bootstrap.ts'
import type { Change } from './changes/change.ts'
import type { Answered } from './judge.ts'
import { meanOf, type Resampling, ratioOf } from './means.ts'
import { leansFake } from './measures.ts'
import type { SampledText } from './sample.ts'

/** What one change did. Figures are null where there is nothing to take them of. */
export interface Shift {
  name: string
  what: string
  /** Texts that it altered and that could be judged after it. */
  n: number
  /** Share of these whose likelier class is another. */
  leaningFlipped: Interval | null
  /** Share of the verdicts given before that are the opposite now. */
  verdictFlipped: Interval | null
  /** Share of the verdicts given before that are withheld now. */
  withheld: Interval | null
  /** Mean distance of the probability of fake, either way. */
  moved: Interval | null
  /** Mean change of the probability of fake: above 0 towards Fake. */
  towardsFake: Interval | null
}

/** Judges texts; undefined where one cannot be judged. */
export type JudgeAll = (texts: readonly string[]) => Promise<(Answered | undefined)[]>

/**
 * Has each text judged under each change.
 *
 * @param seed The same seed changes the texts in the same way.
 */
export async function measureShifts(
  sample: readonly SampledText[],
  changes: readonly Change[],
  judge: JudgeAll,
  seed: number,
  how: Resampling,
): Promise<Shift[]> {
  const shifts: Shift[] = []
  for (const { name, what, make } of changes) {
    const random = seededRandom(seed)
    const changed = sample.flatMap(({ text, example }) => {
      const other = make(text, random)
      return other === text ? [] : [{ other, before: example }]
    })
    const answers = await judge(changed.map(({ other }) => other))
    const moves = changed.flatMap(({ before }, at) => {
      const after = answers[at]
      return after ? [moveOf(before, { fake: after.probabilities.fake, verdict: after.label })] : []
    })
    shifts.push({ name, what, n: moves.length, ...(await figuresOf(moves, how)) })
  }
  return shifts
}

interface Answer {
  fake: number
  verdict: Label
}

type Move = ReturnType<typeof moveOf>

function moveOf(before: Answer, after: Answer) {
  const given = before.verdict !== 'Uncertain'
  const withheld = given && after.verdict === 'Uncertain'
  return {
    leaning: leansFake(before.fake) === leansFake(after.fake) ? 0 : 1,
    given: given ? 1 : 0,
    opposite: given && !withheld && before.verdict !== after.verdict ? 1 : 0,
    withheld: withheld ? 1 : 0,
    by: after.fake - before.fake,
  }
}

async function figuresOf(
  moves: readonly Move[],
  how: Resampling,
): Promise<Omit<Shift, 'name' | 'what' | 'n'>> {
  const given = moves.map((move) => move.given)
  const mean = (value: (move: Move) => number) => meanOf(moves.map(value), how)
  const ofGiven = (value: (move: Move) => number) => ratioOf(moves.map(value), given, how)
  return {
    leaningFlipped: await mean(({ leaning }) => leaning),
    verdictFlipped: await ofGiven(({ opposite }) => opposite),
    withheld: await ofGiven(({ withheld }) => withheld),
    moved: await mean(({ by }) => Math.abs(by)),
    towardsFake: await mean(({ by }) => by),
  }
}
