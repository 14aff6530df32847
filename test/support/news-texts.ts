// Self-written news-like texts, made of the same sentences in different orders: no publisher's words.

const SUBJECTS = [
  'The city council',
  'A group of doctors',
  'The finance minister',
  'An anonymous insider',
  'The school board',
]
const VERBS = ['approved', 'rejected', 'quietly buried', 'published', 'admitted to hiding']
const OBJECTS = [
  'a plan for road repairs',
  'a study of 1,200 patients',
  'the secret report',
  'new rules for teachers',
]
const ENDS = [
  'after a four-hour meeting on Tuesday night.',
  'and nobody is talking about it!',
  'officials said in a statement.',
  'according to documents seen by reporters.',
  'which critics call a step in the right direction.',
  'and the deadline is the end of March.',
  'although the cost is not yet known.',
]

/** `count` different texts of the given number of sentences; 2 to 5 where none is given. */
export function newsTexts(count: number, sentences?: number): string[] {
  const pick = (from: readonly string[], at: number): string => from[at % from.length] ?? ''
  return Array.from({ length: count }, (_, i) =>
    Array.from({ length: sentences ?? 2 + (i % 4) }, (_, j) => {
      const at = i * 31 + j * 17
      return `${pick(SUBJECTS, at)} ${pick(VERBS, at >> 1)} ${pick(OBJECTS, at >> 2)} ${pick(ENDS, at >> 3)}`
    }).join(' '),
  )
}
