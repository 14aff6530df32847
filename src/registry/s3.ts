// The object store that speaks S3, for AWS and every compatible endpoint. Credentials come from the AWS default chain alone.

import { createReadStream } from 'node:fs'
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { asRegistryError, isConflict, isMissing, isUnchanged } from './failure.ts'
import type { Listed, ObjectStore, Text } from './store.ts'
import { under } from './under.ts'

export interface S3Options {
  bucket: string
  /** Address of an S3-compatible server; AWS itself when absent. */
  endpoint?: string | undefined
  /** Default: what the AWS default chain says. */
  region?: string | undefined
  /** Bucket in the path instead of the host name; default: with an endpoint. */
  pathStyle?: boolean | undefined
  /** Ends requests that are under way. */
  signal: AbortSignal
}

const CONNECT_MS = 4000
/** Without a byte for this long, a connection counts as dead. */
const SILENCE_MS = 20_000
/** Connections at a time: downloads and uploads in parts use several. */
const CONNECTIONS = 32
/** Parts of 8 MiB, four at a time: at most 32 MiB of a file in memory. S3 takes at most 10,000 parts. */
const PART_SIZE = 8 << 20
const PARTS_AT_A_TIME = 4
const MOST_PARTS = 10_000

/** Opens a bucket; nothing is asked of it yet. */
export function openS3(options: S3Options): ObjectStore {
  const { bucket: Bucket, endpoint, region, signal } = options
  const client = new S3Client({
    ...(endpoint ? { endpoint } : {}),
    ...(region ? { region } : {}),
    forcePathStyle: options.pathStyle ?? endpoint !== undefined,
    maxAttempts: 4,
    // What is fetched is compared with the manifest's SHA-256; older compatible servers know no other checksums.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      socketTimeout: SILENCE_MS,
      httpAgent: { maxSockets: CONNECTIONS },
      httpsAgent: { maxSockets: CONNECTIONS },
    },
  })
  const place = endpoint ?? 'S3'
  const failed = (error: unknown): Error => asRegistryError(error, { bucket: Bucket, place, region })

  /** A conditional write: false when the condition does not hold. */
  async function put(
    Key: string,
    Body: string,
    condition: { IfNoneMatch: string } | { IfMatch: string },
    Metadata?: Record<string, string>,
  ): Promise<boolean> {
    const command = new PutObjectCommand({
      Bucket,
      Key,
      Body,
      ContentType: 'application/json',
      ...(Metadata ? { Metadata } : {}),
      ...condition,
    })
    try {
      await under(signal, (abortSignal) => client.send(command, { abortSignal }))
      return true
    } catch (error) {
      if (isConflict(error)) return false
      throw failed(error)
    }
  }

  async function text(Key: string, unless?: string): Promise<Text | 'same' | undefined> {
    try {
      const command = new GetObjectCommand({ Bucket, Key, ...(unless ? { IfNoneMatch: unless } : {}) })
      return await under(signal, async (abortSignal) => {
        const { Body, ETag, LastModified, Metadata } = await client.send(command, { abortSignal })
        return {
          text: (await Body?.transformToString('utf8')) ?? '',
          etag: ETag ?? '',
          at: LastModified ?? new Date(0),
          metadata: Metadata ?? {},
        }
      })
    } catch (error) {
      if (isUnchanged(error)) return 'same'
      if (isMissing(error)) return undefined
      throw failed(error)
    }
  }

  /** Page after page of what stands below a prefix. */
  async function* pages(Prefix: string, more: { Delimiter?: string } = {}) {
    let ContinuationToken: string | undefined
    do {
      const command: ListObjectsV2Command = new ListObjectsV2Command({
        Bucket,
        Prefix,
        ...more,
        ...(ContinuationToken ? { ContinuationToken } : {}),
      })
      const page: ListObjectsV2CommandOutput = await under(signal, (abortSignal) =>
        client.send(command, { abortSignal }),
      ).catch((error: unknown) => {
        throw failed(error)
      })
      yield page
      ContinuationToken = page.NextContinuationToken
    } while (ContinuationToken)
  }

  async function* list(Prefix: string): AsyncIterable<Listed> {
    for await (const { Contents } of pages(Prefix))
      for (const { Key = '', Size = 0, LastModified = new Date(0) } of Contents ?? [])
        yield { key: Key, size: Size, at: LastModified }
  }

  return {
    place,
    text: text as ObjectStore['text'],
    list,
    create: (key, body, metadata) => put(key, body, { IfNoneMatch: '*' }, metadata),
    replace: (key, body, etag) => put(key, body, { IfMatch: etag }),
    async facts(Key) {
      try {
        const command = new HeadObjectCommand({ Bucket, Key })
        const { ContentLength, Metadata } = await under(signal, (abortSignal) =>
          client.send(command, { abortSignal }),
        )
        return { size: ContentLength ?? 0, metadata: Metadata ?? {} }
      } catch (error) {
        if (isMissing(error)) return undefined
        throw failed(error)
      }
    },
    async range(Key, from, to, stop) {
      try {
        const command = new GetObjectCommand({ Bucket, Key, Range: `bytes=${from}-${to}` })
        const { Body } = await client.send(command, { abortSignal: stop })
        // In Node.js the body is a stream of bytes.
        return Body as AsyncIterable<Uint8Array>
      } catch (error) {
        throw failed(error)
      }
    },
    async folders(Prefix) {
      const found: string[] = []
      for await (const { CommonPrefixes } of pages(Prefix, { Delimiter: '/' }))
        for (const { Prefix: folder = '' } of CommonPrefixes ?? [])
          found.push(folder.slice(Prefix.length, -1))
      return found
    },
    async upload({ key, path, size, metadata, signal: stop, onProgress }) {
      const file = createReadStream(path, { highWaterMark: 1 << 20 })
      const upload = new Upload({
        client,
        params: { Bucket, Key: key, Body: file, Metadata: metadata },
        partSize: Math.max(PART_SIZE, Math.ceil(size / MOST_PARTS)),
        queueSize: PARTS_AT_A_TIME,
      })
      const cancel = (): void => void upload.abort()
      stop.addEventListener('abort', cancel, { once: true })
      upload.on('httpUploadProgress', ({ loaded = 0 }) => onProgress(loaded))
      try {
        stop.throwIfAborted()
        await upload.done()
      } catch (error) {
        stop.throwIfAborted()
        throw failed(error)
      } finally {
        stop.removeEventListener('abort', cancel)
        file.destroy()
      }
    },
    [Symbol.dispose]: () => client.destroy(),
  }
}
