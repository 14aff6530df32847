// Punctuation: gone, shouted, or of another make.

/** Marks between words go; those inside a word or a number (don't, 3.5) stay. */
export function withoutPunctuation(text: string): string {
  return text
    .replace(/(?<![\p{L}\p{N}])\p{P}+|\p{P}+(?![\p{L}\p{N}])/gu, ' ')
    .replace(/ {2,}/g, ' ')
    .trim()
}

/** Every full stop that ends a sentence becomes an exclamation mark. */
export const exclaimed = (text: string): string => text.replace(/\.(?=["'”’)]*(?:\s|$))/g, '!')

export const shouted = (text: string): string => `${text}!!!`

/** A text that asks at its end. */
export const asked = (text: string): string => `${text.replace(/[.!?]+$/, '')}?`

/** Straight quotes become typographic ones; in a text that has those, they become straight. */
export function otherQuotes(text: string): string {
  if (/[“”‘’]/.test(text)) return text.replace(/[“”]/g, '"').replace(/[‘’]/g, "'")
  return text
    .replace(/(?<=^|[\s([])"/g, '“')
    .replaceAll('"', '”')
    .replace(/(?<=^|[\s([“])'/g, '‘')
    .replaceAll("'", '’')
}
