// The word for how good something is, for whoever judges and whoever shows it.

export type Mark = 'good' | 'warning' | 'bad' | 'unknown'
