// What moved the model: the sentences of a text and how far each moved the log-odds of fake.

import type { SentenceInfluence } from './detector.ts'
import { pool, type Reading, type Span, windowsOf } from './windows.ts'

const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' })

/** The sentences of a cleaned text, in order; pieces without a letter or digit go with the sentence before. */
export function sentencesOf(text: string): string[] {
  const sentences: string[] = []
  for (const { segment } of segmenter.segment(text)) {
    const last = sentences.length - 1
    if (last >= 0 && !/[\p{L}\p{N}]/u.test(segment)) sentences[last] += segment
    else sentences.push(segment)
  }
  return sentences.map((sentence) => sentence.trim()).filter(Boolean)
}

/** What explaining needs of the model. Reading checks between two runs whether anybody still waits. */
export interface Explainer {
  body(text: string): number[]
  /** Reads one window: body ids in, logit before calibration out. */
  read(body: readonly number[]): Promise<number>
  /** Most tokens in a window, special ones not counted. */
  size: number
  stride: number
  temperature: number
}

/** Each sentence scored alone: its own log-odds of fake. Median rank correlation with leave-one-out: .28. */
export async function scoreAlone(text: string, model: Explainer): Promise<SentenceInfluence[]> {
  const influences: SentenceInfluence[] = []
  for (const sentence of sentencesOf(text)) {
    const body = model.body(sentence)
    const readings: Reading[] = []
    for (const span of windowsOf(body.length, model.size, model.stride))
      readings.push(await readSpan(body, span, model))
    influences.push({ sentence, influence: pool(readings) / model.temperature })
  }
  return influences
}

/**
 * Leave one sentence out: log-odds of the whole minus log-odds without the sentence. Windows stay where they are, so
 * only those that hold the sentence are read again. A text of one sentence is compared with nothing (log-odds 0).
 */
export async function leaveOneOut(text: string, model: Explainer): Promise<SentenceInfluence[]> {
  const sentences = sentencesOf(text).map((sentence) => ({ sentence, body: model.body(sentence) }))
  const body = sentences.flatMap((each) => each.body)
  const spans = windowsOf(body.length, model.size, model.stride)
  const whole: Reading[] = []
  for (const span of spans) whole.push(await readSpan(body, span, model))
  const influences: SentenceInfluence[] = []
  let at = 0
  for (const { sentence, body: own } of sentences) {
    const out: Span = { from: at, to: at + own.length }
    at = out.to
    const without: Reading[] = []
    for (const [i, span] of spans.entries()) {
      const kept = whole[i]
      if (kept && (span.to <= out.from || span.from >= out.to)) without.push(kept)
      else without.push(await readRest(body, span, out, model))
    }
    influences.push({ sentence, influence: (pool(whole) - pool(without)) / model.temperature })
  }
  return influences
}

async function readSpan(body: readonly number[], span: Span, model: Explainer): Promise<Reading> {
  return { logit: await model.read(body.slice(span.from, span.to)), tokens: span.to - span.from }
}

async function readRest(body: readonly number[], span: Span, out: Span, model: Explainer): Promise<Reading> {
  const rest = body.filter((_, i) => i >= span.from && i < span.to && (i < out.from || i >= out.to))
  return rest.length ? { logit: await model.read(rest), tokens: rest.length } : { logit: 0, tokens: 0 }
}
