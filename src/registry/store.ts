// What the registry needs of an object store; src/registry/s3.ts is the one that speaks S3.

/** A small object and the tag that changes with it. */
export interface Text {
  text: string
  etag: string
  /** When it was written. */
  at: Date
  metadata: Readonly<Record<string, string>>
}

export interface ObjectFacts {
  size: number
  metadata: Readonly<Record<string, string>>
}

export interface Listed {
  key: string
  size: number
  at: Date
}

/** All methods throw FndError FND_REGISTRY_… for what a store can answer, and AbortError. */
export interface ObjectStore extends Disposable {
  /** Where it is, for messages: the endpoint, or `S3`. */
  readonly place: string
  /** The object; undefined where there is none. With `unless`: `same` when its tag is still this one. */
  text(key: string): Promise<Text | undefined>
  text(key: string, unless: string | undefined): Promise<Text | 'same' | undefined>
  facts(key: string): Promise<ObjectFacts | undefined>
  /** Writes the object unless there is one already; false then. Atomic. */
  create(key: string, text: string, metadata?: Record<string, string>): Promise<boolean>
  /** Writes the object if its tag is still this one; false otherwise. Atomic. */
  replace(key: string, text: string, etag: string): Promise<boolean>
  /** Uploads a file, a large one in parts; memory does not grow with its size. */
  upload(request: UploadRequest): Promise<void>
  /** Bytes `from`..`to` (both included) of an object. */
  range(key: string, from: number, to: number, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>
  /** All objects below a prefix. */
  list(prefix: string): AsyncIterable<Listed>
  /** What stands directly below a prefix, as folders do: the parts up to the next slash. */
  folders(prefix: string): Promise<string[]>
}

export interface UploadRequest {
  key: string
  path: string
  size: number
  metadata: Record<string, string>
  signal: AbortSignal
  onProgress(bytes: number): void
}
