// Numbers as people read them: three figures, a unit, no false precision.

const figures = (n: number, digits = 3): string => {
  if (n === 0) return '0'
  const text = Math.abs(n) >= 100 ? n.toFixed(0) : n.toPrecision(digits)
  return text.includes('.') && !text.includes('e') ? text.replace(/\.?0+$/, '') : text
}

/** A whole number with thousands separated: 12345 → "12,345". */
export function count(n: number): string {
  return Math.round(n).toLocaleString('en-US')
}

/** How many of something: 1 → "1 text", 1200 → "1,200 texts". */
export function tally(n: number, noun: string): string {
  return `${count(n)} ${noun}${n === 1 ? '' : 's'}`
}

/** A size in bytes, in binary units: 1536 → "1.5 KiB". */
export function bytes(n: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let at = 0
  let value = n
  while (Math.abs(value) >= 1024 && at < units.length - 1) {
    value /= 1024
    at += 1
  }
  return `${figures(value)} ${units[at]}`
}

/** A duration in seconds: 0.0042 → "4.2 ms", 75 → "1 min 15 s". */
export function seconds(s: number): string {
  if (s === 0) return '0 ms'
  if (Math.abs(s) < 0.000995) return `${figures(s * 1e6, 2)} µs`
  if (Math.abs(s) < 1) return `${figures(s * 1000)} ms`
  if (Math.abs(s) < 60) return `${figures(s)} s`
  const whole = Math.round(s)
  const [days, hours, minutes, rest] = [
    Math.floor(whole / 86400),
    Math.floor(whole / 3600) % 24,
    Math.floor(whole / 60) % 60,
    whole % 60,
  ]
  if (days) return `${days} d${hours ? ` ${hours} h` : ''}`
  return hours ? `${hours} h${minutes ? ` ${minutes} min` : ''}` : `${minutes} min${rest ? ` ${rest} s` : ''}`
}

/** A share of one: 0.0123 → "1.23 %". */
export function percent(share: number): string {
  return `${figures(share * 100)} %`
}

/** A plain number with three significant figures. */
export function number(n: number): string {
  return figures(n)
}

/** A moment in UTC, from seconds since 1970: "2026-11-22 14:02". */
export function moment(epoch: number): string {
  return new Date(epoch * 1000).toISOString().slice(0, 16).replace('T', ' ')
}

/** The time of day in UTC, from seconds since 1970: "14:02". */
export function clock(epoch: number): string {
  return new Date(epoch * 1000).toISOString().slice(11, 16)
}

/** How moments within a range are told: by the time of day alone where all of it is within one day. */
export function momentsWithin({ from, to }: { from: number; to: number }): (epoch: number) => string {
  return moment(from).slice(0, 10) === moment(to).slice(0, 10) ? clock : moment
}
