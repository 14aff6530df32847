// What benches read: the texts of FND_BENCH_DATA (JSONL with `text`), else self-written ones of about 50 tokens on average.

import { readFileSync } from 'node:fs'

const SENTENCES = [
  'The city council approved a budget for road repairs after a four-hour meeting on Tuesday night.',
  'Doctors are hiding this one simple trick, says a man who has never met a doctor!',
  'Officials said that the bridge would stay closed until the end of March.',
  'A study of 1,200 patients found no link between the drug and heart disease.',
]

/** `count` texts; lengths spread as those of real traffic: many of one sentence, few of ten. */
export function benchTexts(count) {
  const path = process.env.FND_BENCH_DATA
  const own = Array.from({ length: count }, (_, i) => {
    const sentences = [1, 1, 2, 1, 3, 1, 2, 10, 1, 4][i % 10]
    return Array.from({ length: sentences }, (_, j) => SENTENCES[(i + j) % SENTENCES.length]).join(' ')
  })
  if (!path) return own
  const texts = readFileSync(path, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line).text)
    .filter((text) => typeof text === 'string' && text.length >= 20 && text.length <= 9000)
  const step = Math.max(1, Math.floor(texts.length / count))
  return texts.filter((_, i) => i % step === 0).slice(0, count)
}
