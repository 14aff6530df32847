// Splits a stream of bytes into lines, never holding more than the longest line allowed.

const NEWLINE = 0x0a

/**
 * The lines of a stream, split on \n alone (a text may hold U+2028), without their end and a leading byte-order mark; `undefined`
 * stands for a line of more than `longest` bytes, which is passed over.
 */
export async function* linesOf(
  input: AsyncIterable<Uint8Array>,
  longest: number,
): AsyncGenerator<string | undefined> {
  const decoder = new TextDecoder()
  let parts: Uint8Array[] = []
  let size = 0
  const add = (part: Uint8Array) => {
    size += part.byteLength
    if (size <= longest) parts.push(part)
    else parts = []
  }
  const take = () => {
    const line = size <= longest ? decoder.decode(Buffer.concat(parts)).replace(/\r$/, '') : undefined
    parts = []
    size = 0
    return line
  }
  for await (const chunk of input) {
    let from = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      add(chunk.subarray(from, end))
      yield take()
      from = end + 1
    }
    add(chunk.subarray(from))
  }
  if (size > 0) yield take()
}
