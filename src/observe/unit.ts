// The units of the catalogue and how a value of each is read by people.

import { bytes, number, percent, seconds } from '../format.ts'

/** Units as Grafana names them; `cores` and `reqpm` read the same in the terminal. */
export const UNITS = ['s', 'percentunit', 'reqpm', 'bytes', 'cores', 'short'] as const
export type Unit = (typeof UNITS)[number]

/** A value as people read it: 0.03 s → "30 ms". */
export function figureText(value: number, unit: Unit): string {
  switch (unit) {
    case 's':
      return seconds(value)
    case 'percentunit':
      return percent(value)
    case 'reqpm':
      return `${number(value)} /min`
    case 'bytes':
      return bytes(value)
    case 'cores':
      return `${number(value)} cores`
    case 'short':
      return number(value)
  }
}
