// The contract of the detector: a text goes in, a calibrated verdict comes out.

import type { ReferenceDistribution } from './bundle.ts'

/** What the classifier was trained to tell apart. */
export type Label = 'Fake' | 'Real' | 'Uncertain'

/** Why a verdict is withheld. */
export type UncertainReason = 'too_short' | 'not_english' | 'headline' | 'low_confidence'

/** How much explaining is asked for: none; each sentence scored alone (1.4x one prediction); leave one sentence out (about 10x). */
export type ExplainMode = 'none' | 'sentences' | 'full'

/** One sentence of the text and how far it moved the model. */
export interface SentenceInfluence {
  sentence: string
  /** Change of the log-odds of fake that this sentence brought: above 0 towards Fake, below 0 towards Real. */
  influence: number
}

export interface ModelIdentity {
  name: string
  version: string
  /** SHA-256 of the bundle's manifest.json, in hex. */
  sha256: string
}

export interface Prediction {
  label: Label
  /** Present exactly when the label is Uncertain. */
  reason?: UncertainReason
  /** Calibrated probability of the likelier class, 0.5..1. */
  confidence: number
  /** Calibrated, adding up to 1. */
  probabilities: { real: number; fake: number }
  model: ModelIdentity
  /** Tokens of the cleaned text, special tokens not counted. */
  tokens: number
  /** Windows that the text was read in. */
  windows: number
  /** From the cleaning to the verdict, queue included. */
  latencyMs: number
  explanation?: SentenceInfluence[]
}

/** What a prediction spent its time on, in seconds. */
export interface StageTimes {
  tokenize: number
  queue: number
  inference: number
}

export interface PredictOptions {
  explain?: ExplainMode
  /** Whoever waits for the answer; one client's batch does not starve another client. */
  client?: string
  /** Seconds from now until which an answer is of use. */
  deadline?: number
  /** Aborting drops the request from the queue. */
  signal?: AbortSignal
  /** Who is told of this text, in place of the one that the detector was made with. */
  events?: TextEvents
}

/** What the queue and the workers are doing now. */
export interface DetectorLoad {
  queueDepth: number
  queueCapacity: number
  workers: { ready: number; busy: number; starting: number }
  /** Workers that died and were replaced since start. */
  restarts: number
}

/** What the detector tells of a text. */
export interface TextEvents {
  predicted?(prediction: Prediction, stages: StageTimes): void
  rejected?(reason: 'queue_full' | 'deadline' | 'draining' | 'invalid'): void
}

/** What the detector tells whoever counts: the service turns these into metrics. */
export interface DetectorEvents extends TextEvents {
  workerRestarted?(why: string): void
}

/** A loaded, verified and warmed model that answers. */
export interface Detector extends AsyncDisposable {
  readonly model: ModelIdentity
  /** Seconds that loading, verifying and warming took. */
  readonly loadSeconds: number
  /** What its bundle states that it answered on reference texts. */
  readonly reference?: ReferenceDistribution
  /**
   * The verdict on one text. The same text gets the same probabilities, to the last bit, whatever else is being served.
   *
   * @throws FndError FND_TEXT_TOO_SHORT, FND_TEXT_TOO_LONG, FND_TEXT_INVALID for input that cannot be judged;
   *   FND_QUEUE_FULL, FND_DEADLINE, FND_DRAINING when it is not answered. An aborted signal throws its AbortError.
   */
  predict(text: string, options?: PredictOptions): Promise<Prediction>
  load(): DetectorLoad
  /** Takes nothing new, finishes what is queued, then ends the workers. */
  drain(): Promise<void>
}
