// Text to token ids, the same ids as the reference tokenizer gives.

import { readFile } from 'node:fs/promises'
import { Tokenizer } from '@huggingface/tokenizers'

/** Ids of a text between the two special tokens that the model expects around it. */
export interface Tokens {
  /** Without the special tokens. */
  body(text: string): number[]
  /** Body ids with the special tokens around them: what one run takes. */
  framed(body: readonly number[]): number[]
}

/** Loads a `tokenizer.json`. */
export async function loadTokens(path: string): Promise<Tokens> {
  const tokenizer = new Tokenizer(JSON.parse(await readFile(path, 'utf8')), {})
  // The frame is asked of the tokenizer: an empty text is nothing but its special tokens.
  const [first, last, ...more] = tokenizer.encode('').ids
  if (first === undefined || last === undefined || more.length)
    throw new Error(`${path} does not put one special token before and one after a text`)
  return {
    body: (text) => tokenizer.encode(text, { add_special_tokens: false }).ids,
    framed: (body) => [first, ...body, last],
  }
}
