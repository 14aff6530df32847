// `fnd model`: help and flags of its subcommands.

import { EXIT } from '../../errors/exit.ts'
import type { CommandSpec, OptionSpec } from '../command.ts'
import { REGISTRY } from '../stack-options.ts'
import { compareSpec } from './compare/spec.ts'
import { evalSpec } from './eval/spec.ts'

const EXITS = [
  { code: EXIT.missing, when: 'no such model, version, alias or bucket; no credentials' },
] as const

const WHY: OptionSpec = { flags: '--why <text>', description: 'the reason, kept in the history of the alias' }

const SOURCE = 'base, fast, a folder, or s3://… with @version or #alias'

const pushSpec: CommandSpec = {
  name: 'push',
  group: 'Models',
  summary: 'bring a bundle into the registry as a new version',
  description:
    'Uploads a model bundle as the version that its manifest names. Versions never change: one that is there with other content is refused. The manifest goes last, so a version is visible whole or not at all; an interrupted push is finished by the same command. With --sign, a version that is there already gets one signature more.',
  arguments: [
    { name: '<folder>', description: 'the bundle (or: base, fast)' },
    { name: '<address>', description: 's3://bucket/prefix/name, where name is the one in the manifest' },
  ],
  options: [
    { flags: '--sign <key.pem>', description: 'sign the manifest with this private key (Ed25519)' },
    { flags: '--dry-run', description: 'say what would be uploaded, change nothing' },
    ...REGISTRY,
  ],
  examples: [
    { command: 'fnd model push ./bundle s3://acme-models/prod/fnd-base', does: 'a new version' },
    {
      command: 'fnd model push ./bundle s3://models/fnd-base --s3-endpoint http://s3:9000',
      does: 'into a MinIO or another S3-compatible server',
    },
  ],
  exits: EXITS,
  load: () => import('./push/run.ts'),
}

const keygenSpec: CommandSpec = {
  name: 'keygen',
  group: 'Models',
  summary: 'make a pair of keys to sign models with',
  description:
    'Writes a new Ed25519 key to the file (PKCS#8), its public half beside it (<file>.pub, SPKI), and prints its id. `fnd model push --sign` signs with the one; who names the other in registry.trustedKeys takes only what it signed. Keys made by `openssl genpkey -algorithm ed25519` do as well.',
  arguments: [{ name: '<file>', description: 'where the private key goes; never over another file' }],
  options: [],
  examples: [{ command: 'fnd model keygen key.pem', does: 'key.pem and key.pem.pub' }],
  load: () => import('./keygen/run.ts'),
}

const pullSpec: CommandSpec = {
  name: 'pull',
  group: 'Models',
  summary: 'bring a version to this machine',
  description:
    'Downloads a version in parallel parts into the cache, compares every file with the manifest, and prints the folder. An interrupted pull goes on where it ended; what is there already is not fetched again.',
  arguments: [{ name: '<address>', description: 's3://bucket/prefix/name@version, or #alias' }],
  options: [
    { flags: '--to <folder>', description: 'also copy the bundle there, in place of a bundle that is there' },
    ...REGISTRY,
  ],
  examples: [
    { command: 'fnd model pull s3://acme-models/prod/fnd-base@0.2.0', does: 'one version' },
    {
      command: 'fnd model pull "s3://acme-models/prod/fnd-base#production"',
      does: 'what production means now',
    },
  ],
  exits: EXITS,
  load: () => import('./pull/run.ts'),
}

const listSpec: CommandSpec = {
  name: 'list',
  aliases: ['ls'],
  group: 'Models',
  summary: 'show versions and aliases of a model',
  description:
    'Shows all versions of a model in the registry, the newest first, and what its aliases point to.',
  arguments: [{ name: '<address>', description: 's3://bucket/prefix/name' }],
  options: REGISTRY,
  examples: [{ command: 'fnd model list s3://acme-models/prod/fnd-base', does: 'versions and aliases' }],
  exits: EXITS,
  load: () => import('./list/run.ts'),
}

const infoSpec: CommandSpec = {
  name: 'info',
  group: 'Models',
  summary: 'show what a model is and where it came from',
  description:
    'Shows a bundle: files, hashes, measured quality, licence; of the registry also who pushed it and when. For an alias, its history: who moved it, when, from where and why.',
  arguments: [{ name: '[model]', description: `${SOURCE} (default: base)` }],
  options: REGISTRY,
  examples: [
    { command: 'fnd model info', does: 'the model that is used by default' },
    { command: 'fnd model info fast', does: 'the quick one that ships with fnd' },
    { command: 'fnd model info "s3://acme-models/prod/fnd-base#production"', does: 'with its history' },
  ],
  exits: EXITS,
  load: () => import('./info/run.ts'),
}

const verifySpec: CommandSpec = {
  name: 'verify',
  group: 'Models',
  summary: 'check that a model is whole and answers as it should',
  description:
    'Compares every file with the manifest (of the registry: reads each object anew, and demands a trusted signature where registry.trustedKeys names keys), then has the model answer its own reference texts.',
  arguments: [{ name: '[model]', description: `${SOURCE} (default: base)` }],
  options: REGISTRY,
  examples: [
    { command: 'fnd model verify s3://acme-models/prod/fnd-base@0.2.0', does: 'before a promotion' },
  ],
  exits: [
    { code: EXIT.unhealthy, when: 'the model is damaged, not trusted, or fails its self-test' },
    ...EXITS,
  ],
  load: () => import('./verify/run.ts'),
}

const ALIAS: OptionSpec = {
  flags: '--alias <name>',
  description: 'the alias to move',
  default: 'production',
}

const promoteSpec: CommandSpec = {
  name: 'promote',
  group: 'Models',
  summary: 'point an alias to a version',
  description:
    'Points an alias to a version, in one atomic step; backends that follow the alias take the version within their polling time, without dropping a request. With --canary the alias stays, and the version answers a share of the texts beside the one that serves; with --shadow it reads the same texts and its answers are only counted. `fnd model compare` shows both; a promotion ends a canary, a roll-back takes it away. Who moved it, when, from where and why is kept.',
  arguments: [{ name: '<address>', description: 's3://bucket/prefix/name@version' }],
  options: [
    ALIAS,
    { flags: '--canary <share>', description: 'let it answer this share of the texts, e.g. 10%' },
    { flags: '--shadow', description: 'let it read the texts, and only count its answers (--canary 0%)' },
    WHY,
    ...REGISTRY,
  ],
  examples: [
    {
      command: 'fnd model promote s3://acme-models/fnd-base@0.2.0 --why "reads headlines"',
      does: 'into production',
    },
    {
      command: 'fnd model promote s3://acme-models/fnd-base@0.2.0 --canary 10%',
      does: 'a tenth of the texts first',
    },
  ],
  exits: EXITS,
  load: () => import('./promote/run.ts'),
}

const rollbackSpec: CommandSpec = {
  name: 'rollback',
  group: 'Models',
  summary: 'point an alias back to the version before',
  description:
    'Takes the canary of an alias away; without one, points the alias back to the version that it pointed to before its last promotion. Called again it goes back one further, never forth.',
  arguments: [{ name: '<address>', description: 's3://bucket/prefix/name (or with #alias)' }],
  options: [ALIAS, { flags: '--to <version>', description: 'to this version instead' }, WHY, ...REGISTRY],
  examples: [
    { command: 'fnd model rollback s3://acme-models/prod/fnd-base', does: 'production, one version back' },
  ],
  exits: EXITS,
  load: () => import('./rollback/run.ts'),
}

const diffSpec: CommandSpec = {
  name: 'diff',
  group: 'Models',
  summary: 'show in what two models differ',
  description: 'Shows in which files, settings, quality figures and statements two bundles differ.',
  arguments: [
    { name: '<model>', description: SOURCE },
    { name: '<other>', description: 'the same' },
  ],
  options: REGISTRY,
  examples: [{ command: 'fnd model diff base s3://acme-models/prod/fnd-base@0.2.0', does: 'old and new' }],
  exits: EXITS,
  load: () => import('./diff/run.ts'),
}

export const modelSpec: CommandSpec = {
  name: 'model',
  group: 'Models',
  summary: 'keep models in a registry, compare and measure them',
  description:
    'Keeps models in a registry on S3 or any compatible server: immutable versions, and aliases that move between them; and measures models. Credentials come from the AWS default chain alone (docs/registry.md).',
  options: [],
  examples: [],
  exits: EXITS,
  subcommands: [
    pushSpec,
    keygenSpec,
    pullSpec,
    listSpec,
    infoSpec,
    verifySpec,
    promoteSpec,
    rollbackSpec,
    compareSpec,
    diffSpec,
    evalSpec,
  ],
}
