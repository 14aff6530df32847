// Writes the self-test of a model bundle into its manifest: what the model answers to the texts below, on this machine.
// node scripts/self-test.js model/fnd-base   (after node scripts/build.js)

import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInlineDetector } from '../dist/detector/inline.js'

/** int8 kernels round differently from one processor to the next; a wrong file is off by far more. */
const TOLERANCE = 0.02

/** Written for this purpose: both classes, short and long, a headline, one text of more than one window. */
const TEXTS = [
  'The county library will close for two weeks in March while workers replace its heating system, the board said on Monday. Books can be returned at the town hall during that time.',
  'Doctors are stunned: one spoon of this kitchen spice melts away every illness overnight, and the drug companies are begging the government to ban it before you find out!',
  'SHOCKING leaked video proves the senator was replaced by an actor years ago, insiders confirm',
  'Shares of the shipping company fell 3 percent on Thursday after it reported lower revenue for the quarter and said that fuel costs would stay high through the summer.',
  `${'The committee heard from engineers, residents and the bus company before it voted on the new timetable. '.repeat(24)}The vote was seven to two.`,
]

const [given] = process.argv.slice(2)
if (!given) throw new Error('usage: node scripts/self-test.js <bundle folder>')
const folder = resolve(given)
const detector = await createInlineDetector({ model: folder })
const inputs = []
for (const text of TEXTS) {
  const { probabilities } = await detector.predict(text)
  inputs.push({ text, fake: Number(probabilities.fake.toFixed(6)) })
}
const path = join(folder, 'manifest.json')
const manifest = JSON.parse(readFileSync(path, 'utf8'))
writeFileSync(
  path,
  `${JSON.stringify({ ...manifest, selfTest: { tolerance: TOLERANCE, inputs } }, null, 2)}\n`,
)
console.log(inputs.map(({ text, fake }) => `${fake.toFixed(4)}  ${text.slice(0, 70)}`).join('\n'))
