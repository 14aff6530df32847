// What somebody else wrote, quoted in an error message: it must neither steer the terminal nor flood it.

const MOST = 300

/** The text with control and format characters written out, cut to 300 characters. */
export function excerpt(text: string): string {
  const plain = text
    .slice(0, 4 * MOST)
    .replace(/\s*\n\s*/g, ' ')
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (sign) => `\\u{${(sign.codePointAt(0) ?? 0).toString(16)}}`)
  return plain.length > MOST ? `${plain.slice(0, MOST)} …` : plain
}
