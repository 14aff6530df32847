// What a name that nobody knows was probably meant to be.

/** Changes of one letter that a slip of the pen may take. */
const SLIPS = 2

/** The known name that is nearest to a wrong one, in letters or in the order of its words; undefined where none is near. */
export function similar(wrong: string, known: Iterable<string>): string | undefined {
  let nearest: string | undefined
  let least = SLIPS + 1
  for (const name of known) {
    const away = Math.min(changes(wrong, name), changes(inOrder(wrong), inOrder(name)))
    if (away < least) {
      least = away
      nearest = name
    }
  }
  return nearest
}

/** The words of a name, sorted: BACKEND_PORT and PORT_BACKEND mean the same to whoever types them. */
function inOrder(name: string): string {
  return name.toLowerCase().split(/[_.]/).sort().join('.')
}

/** Letters to insert, remove or replace to make one text of the other (V. Levenshtein, 1966). */
function changes(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1]
    for (let j = 0; j < b.length; j++)
      next.push(Math.min((row[j] ?? 0) + (a[i] === b[j] ? 0 : 1), (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    row = next
  }
  return row[b.length] ?? 0
}
