// The model behind the service: still loading, answering, broken, or on its way out.

import type { Detector } from '../detector/detector.ts'
import { FndError, messageOf } from '../errors/error.ts'

/** Seconds that a client is told to wait while the model loads or the service stops. */
export const RETRY_AFTER = 2

/** A version beside the one that serves. */
export interface Canary {
  detector: Detector
  /** canary: it answers `share` of the texts; shadow: it reads what the other answers, and is only counted. */
  mode: 'canary' | 'shadow'
  share: number
}

type State =
  | { name: 'loading' }
  | { name: 'ready'; detector: Detector }
  | { name: 'failed'; why: string }
  | { name: 'draining' }

/** Holds the detector for the routes, so that the server can listen before the model is loaded. */
export class ModelHost implements AsyncDisposable {
  #state: State = { name: 'loading' }
  #detector: Detector | undefined
  #canary: Canary | undefined
  #leaving = false

  /** Loads the detector; predictions are answered from then on. Rethrows what the loading threw; it may be tried again. */
  async open(load: () => Promise<Detector>): Promise<Detector> {
    try {
      const detector = await load()
      this.#detector = detector
      if (this.#state.name !== 'draining') this.#state = { name: 'ready', detector }
      return detector
    } catch (error) {
      if (!this.ready && !this.draining) this.#state = { name: 'failed', why: messageOf(error) }
      throw error
    }
  }

  /**
   * Has another detector answer from the next text on; the one before keeps what it has. A canary that serves from now on
   * is no canary any more. False when stopping.
   */
  replace(detector: Detector): boolean {
    if (this.#state.name !== 'ready') return false
    if (this.#canary?.detector === detector) this.#canary = undefined
    this.#detector = detector
    this.#state = { name: 'ready', detector }
    return true
  }

  /** Sets a version beside the serving one, or takes it away; it keeps what it has. False when stopping. */
  accompany(canary: Canary | undefined): boolean {
    if (this.#state.name !== 'ready') return false
    this.#canary = canary
    return true
  }

  get canary(): Canary | undefined {
    return this.#canary
  }

  /** The detector, as long as it takes work. @throws FndError FND_NOT_READY, FND_DRAINING. */
  current(): Detector {
    const state = this.#state
    if (state.name === 'ready') return state.detector
    if (state.name === 'draining') throw new FndError('FND_DRAINING', { retryAfter: RETRY_AFTER })
    throw new FndError('FND_NOT_READY', {
      why: state.name === 'loading' ? 'the model is loading' : state.why,
      retryAfter: RETRY_AFTER,
    })
  }

  /** The detector as long as it exists, also while draining: for metrics. */
  get detector(): Detector | undefined {
    return this.#detector
  }

  get ready(): boolean {
    return this.#state.name === 'ready'
  }

  get draining(): boolean {
    return this.#state.name === 'draining'
  }

  /** Clients are to go elsewhere; requests are answered as before. */
  leave(): void {
    this.#leaving = true
  }

  get leaving(): boolean {
    return this.#leaving || this.draining
  }

  /** Takes no new requests from now on; those already taken keep the detector until it is disposed. */
  refuse(): void {
    this.#state = { name: 'draining' }
  }

  /** Finishes what is queued and ends the workers. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.refuse()
    await Promise.all([this.#canary?.detector.drain(), this.#detector?.drain()])
    await this.cutOff()
  }

  /** Ends the workers without waiting for what is queued. */
  async cutOff(): Promise<void> {
    this.refuse()
    const loaded = [this.#canary?.detector, this.#detector]
    this.#canary = undefined
    this.#detector = undefined
    await Promise.all(loaded.map((detector) => detector?.[Symbol.asyncDispose]()))
  }
}
