// Words that tell where a text comes from, not what it says.

export const withDateline = (text: string): string => `WASHINGTON (Reuters) - ${text}`

export const withAgency = (text: string): string => `${text} The Associated Press contributed to this report.`

export const withOfficials = (text: string): string =>
  `${text} Officials confirmed this in a statement on Tuesday.`

export const withBreaking = (text: string): string => `BREAKING: ${text}`

export const withShare = (text: string): string => `${text} Share this before it is deleted.`
