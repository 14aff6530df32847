// What the confidence of a model is worth on sources that it never saw: the sentence that stands beside verdicts.

import type { ModelIdentity } from './detector.ts'

/** True of any model. */
export const ON_UNSEEN_SOURCES =
  'On sources that it never saw, a model is less often right than its confidence says.'

/** The only model with a figure: of 339 texts of three unseen sources with 85 to 95 % confidence, 87 % were right (training/EXPERIMENTS.md). */
const MEASURED = { name: 'fnd-base', version: '1.1.0' }
const AS_MEASURED = 'On sources that the model never saw, “90 % sure” was right 87 % of the time.'

/** The sentence for this model; another version is another model. */
export function onUnseenSources({ name, version }: Pick<ModelIdentity, 'name' | 'version'>): string {
  return name === MEASURED.name && version === MEASURED.version ? AS_MEASURED : ON_UNSEEN_SOURCES
}
