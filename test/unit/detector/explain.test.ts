import { expect, test } from 'vitest'
import { type Explainer, leaveOneOut, scoreAlone, sentencesOf } from '../../../src/detector/explain.ts'

/** A model that adds up token ids: the token of a word is its number. */
const adding: Explainer = {
  body: (text) => (text.match(/-?\d+/g) ?? []).map(Number),
  read: async (body) => body.reduce((sum, id) => sum + id, 0),
  size: 100,
  stride: 80,
  temperature: 2,
}

test('sentences are split where people split them', () => {
  expect(sentencesOf('It rose by 3.5 per cent. "Why?" he asked. !!! Nobody knew')).toEqual([
    'It rose by 3.5 per cent.',
    '"Why?"',
    'he asked. !!!',
    'Nobody knew',
  ])
})

test('each sentence alone: its own log-odds, calibrated', async () => {
  expect(await scoreAlone('Word 4. Word -2.', adding)).toEqual([
    { sentence: 'Word 4.', influence: 2 },
    { sentence: 'Word -2.', influence: -1 },
  ])
})

test('leave one out: what the sentence changed', async () => {
  expect(await leaveOneOut('Word 4. Word -2.', adding)).toEqual([
    { sentence: 'Word 4.', influence: 2 },
    { sentence: 'Word -2.', influence: -1 },
  ])
})

test('a single sentence is compared with nothing', async () => {
  expect(await leaveOneOut('Word 4.', adding)).toEqual([{ sentence: 'Word 4.', influence: 2 }])
})

test('in a long text only the windows that hold the sentence are read again', async () => {
  let runs = 0
  const counting: Explainer = {
    ...adding,
    size: 2,
    stride: 2,
    read: async (body) => {
      runs++
      return adding.read(body)
    },
  }
  await leaveOneOut('A 1 2. B 3 4. C 5 6. D 7 8.', counting)
  // Four windows of the whole; each sentence fills one window, which then has nothing left to read.
  expect(runs).toBe(4)
})
