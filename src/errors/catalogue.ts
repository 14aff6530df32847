// Every error that fnd can report: code, exit code, what happened, what mends it. docs/errors.md is generated from here.

import { EXIT, type ExitCode } from './exit.ts'

interface Entry<P> {
  /** The exit code of a command that ends with this error. */
  readonly exit: ExitCode
  /** What the code means in general, for docs/errors.md. */
  readonly summary: string
  /** What happened this time. */
  readonly message: (p: P) => string
  /** What to do about it, usually one command. */
  readonly hint: (p: P) => string
}

/** One port that cannot be had, and whose it is where that is known. */
interface TakenPort {
  port: number
  component: string
  /** The flag that names another one, without its dashes. */
  flag: string
  /** The stack of fnd's that holds it; undefined: another program. */
  stack?: string | undefined
}

const define = <P = Record<never, never>>(entry: Entry<P>): Entry<P> => entry

/** The first of them: a registry can hold thousands. */
const some = (names: readonly string[], most = 12): string =>
  `${names.slice(0, most).join(', ')}${names.length > most ? ` and ${names.length - most} more` : ''}`

export const ERRORS = {
  // ── General ────────────────────────────────────────────────────────────────
  FND_USAGE: define<{ problem: string; command?: string }>({
    exit: EXIT.usage,
    summary: 'The command line was not understood.',
    message: (p) => p.problem,
    hint: (p) => `Run \`fnd ${p.command ? `${p.command} ` : ''}--help\` to see what is accepted.`,
  }),
  FND_INTERRUPTED: define({
    exit: EXIT.interrupted,
    summary: 'The command was interrupted (Ctrl-C or SIGTERM).',
    message: () => 'Interrupted.',
    hint: () => 'Run the same command again: it finishes what was begun.',
  }),
  FND_INTERNAL: define<{ what: string }>({
    exit: EXIT.failed,
    summary: 'A defect in fnd itself.',
    message: (p) => `Something went wrong inside fnd: ${p.what}`,
    hint: () => 'Run the command again with --debug and report the stack trace.',
  }),
  FND_UNFINISHED: define({
    exit: EXIT.failed,
    summary: 'The command ran out of work before it had its answer: a defect in fnd itself.',
    message: () => 'The command stopped before it was finished: nothing that it waits for can come any more',
    hint: () => 'Run it again: it finishes what was begun. Please report what you saw, with --debug.',
  }),
  FND_TIMEOUT: define<{ what: string; seconds: number; last: string }>({
    exit: EXIT.timeout,
    summary: 'A wait ran out of time.',
    message: (p) => `Waited ${p.seconds} s for ${p.what}. Last state: ${p.last}`,
    hint: () => 'Look at `fnd status` and `fnd logs`; give it longer where the command has --timeout.',
  }),
  FND_FILE_UNREADABLE: define<{ path: string; why: string }>({
    exit: EXIT.usage,
    summary: 'A file named on the command line cannot be read.',
    message: (p) => `Cannot read ${p.path}: ${p.why}`,
    hint: () => 'Check the path and its permissions.',
  }),
  FND_FILE_UNWRITABLE: define<{ path: string; why: string }>({
    exit: EXIT.failed,
    summary: 'A file or folder that fnd needs cannot be written.',
    message: (p) => `Cannot write ${p.path}: ${p.why}`,
    hint: () =>
      'Name a folder that exists, has room and may be written (fnd’s own folders: FND_STATE_DIR, FND_CACHE_DIR).',
  }),
  FND_FOLDER_FOREIGN: define<{ path: string }>({
    exit: EXIT.usage,
    summary: 'A folder that fnd would replace holds files that are not its own; nothing was changed.',
    message: (p) => `${p.path} is not empty and was not made by fnd`,
    hint: () => 'Name a new or an empty folder.',
  }),

  // ── Settings ───────────────────────────────────────────────────────────────
  FND_SETTINGS_INVALID: define<{ source: string; problems: readonly string[] }>({
    exit: EXIT.usage,
    summary: 'A setting in fnd.yaml, the environment or a flag is not acceptable.',
    message: (p) => `${p.source}: ${p.problems.join('; ')}`,
    hint: () => 'docs/configuration.md lists every setting with its type and default.',
  }),

  // ── Detector and model bundle ──────────────────────────────────────────────
  FND_MODEL_MISSING: define<{ place: string; missing: string }>({
    exit: EXIT.missing,
    summary: 'No model bundle stands where one was expected.',
    message: (p) => `No model bundle in ${p.place}: ${p.missing} is missing`,
    hint: () =>
      'Name base, fast (both ship with fnd), the folder of a bundle, or a version in a registry (s3://bucket/prefix/name@version).',
  }),
  FND_MODEL_OFFLINE: define<{ address: string }>({
    exit: EXIT.missing,
    summary: 'A model of a registry is not on this machine, and offline nothing may be fetched.',
    message: (p) => `${p.address} is not on this machine, and offline nothing may be fetched`,
    hint: (p) => `Run \`FND_OFFLINE=false fnd model pull "${p.address}"\` once, where there is a network.`,
  }),
  FND_MODEL_CORRUPT: define<{ file: string; expected: string; found: string }>({
    exit: EXIT.failed,
    summary: 'A file of the model bundle does not match its manifest.',
    message: (p) => `${p.file} does not match the manifest: expected ${p.expected}, found ${p.found}`,
    hint: () => 'Fetch the bundle again; for the bundled model, reinstall fnd.',
  }),
  FND_MODEL_UNUSABLE: define<{ place: string; why: string }>({
    exit: EXIT.failed,
    summary: 'A model bundle is whole, but this version of fnd cannot run it.',
    message: (p) => `The model in ${p.place} cannot be used: ${p.why}`,
    hint: () =>
      'Use a bundle made for this version, or leave --model out to use the one that ships with fnd.',
  }),
  FND_MODEL_SELF_TEST: define<{ place: string; text: number; expected: number; found: number }>({
    exit: EXIT.failed,
    summary: 'A model answers its own reference texts otherwise than its manifest says.',
    message: (p) =>
      `The model in ${p.place} fails its self-test: for reference text ${p.text} it gives ${p.found.toFixed(4)}, the manifest says ${p.expected.toFixed(4)}`,
    hint: () => 'Do not use it: make the bundle again, or go back to the version before.',
  }),
  FND_MODEL_UNTRUSTED: define<{ address: string; problem: string; trusted: readonly string[] }>({
    exit: EXIT.failed,
    summary: 'A model of a registry is not signed by a key that registry.trustedKeys names.',
    message: (p) => `${p.address} is not to be trusted: ${p.problem}; trusted is ${p.trusted.join(', ')}`,
    hint: (p) =>
      `Have it signed with a trusted key: fnd model push <folder> ${p.address.replace(/[@#].*/, '')} --sign key.pem. Trust another key (registry.trustedKeys) only when you know whose it is.`,
  }),
  FND_KEY_UNUSABLE: define<{ path: string; why: string }>({
    exit: EXIT.usage,
    summary: 'A file does not hold a key that models can be signed with.',
    message: (p) => `Cannot sign with ${p.path}: ${p.why}`,
    hint: () => 'Make a pair of keys: `fnd model keygen key.pem`.',
  }),
  FND_INFERENCE_FAILED: define<{ why: string }>({
    exit: EXIT.failed,
    summary: 'The model failed on a text, twice where a worker died of it.',
    message: (p) => `The model failed on this text: ${p.why}`,
    hint: () => 'Try again; when it fails each time, report the text and the message.',
  }),
  FND_TEXT_INVALID: define<{ why: string }>({
    exit: EXIT.usage,
    summary: 'The input is not a text that can be judged.',
    message: (p) => `The text cannot be judged: ${p.why}`,
    hint: () => 'Give a sentence or an article in plain English.',
  }),
  FND_TEXT_TOO_SHORT: define<{ characters: number; least: number }>({
    exit: EXIT.usage,
    summary: 'The text has too few characters after cleaning.',
    message: (p) => `The text has ${p.characters} characters after cleaning; at least ${p.least} are needed`,
    hint: () => 'Give the whole sentence or article.',
  }),
  FND_TEXT_TOO_LONG: define<{ characters: number; most: number }>({
    exit: EXIT.usage,
    summary: 'The text has too many characters after cleaning.',
    message: (p) => `The text has ${p.characters} characters after cleaning; at most ${p.most} are taken`,
    hint: () => 'Shorten it, or split it and ask about each part: nothing is cut silently.',
  }),
  FND_QUEUE_FULL: define<{ retryAfter: number }>({
    exit: EXIT.failed,
    summary: 'The detector has more work queued than it can answer in time.',
    message: () => 'The queue is full',
    hint: (p) => `Try again in ${p.retryAfter} s, or run more workers.`,
  }),
  FND_DEADLINE: define<{ seconds: number; retryAfter: number }>({
    exit: EXIT.timeout,
    summary: 'The answer could not be given within its deadline.',
    message: (p) => `No answer within ${p.seconds} s`,
    hint: (p) => `Try again in ${p.retryAfter} s, or run more workers.`,
  }),
  FND_DRAINING: define<{ retryAfter: number }>({
    exit: EXIT.failed,
    summary: 'The detector is stopping and takes nothing new.',
    message: () => 'The detector is stopping',
    hint: (p) => `Try again in ${p.retryAfter} s.`,
  }),

  // ── Backend ────────────────────────────────────────────────────────────────
  FND_REQUEST_INVALID: define<{ field: string; expected: string }>({
    exit: EXIT.usage,
    summary: 'The request is not what the backend takes.',
    message: (p) => `${p.field}: expected ${p.expected}`,
    hint: () => 'See /docs on the backend for what each address takes.',
  }),
  FND_ROUTE_UNKNOWN: define<{ path: string }>({
    exit: EXIT.usage,
    summary: 'The backend serves nothing at this address.',
    message: (p) => `Nothing is served at ${p.path}`,
    hint: () => 'See /docs on the backend for the addresses that it serves.',
  }),
  FND_METHOD_NOT_ALLOWED: define<{ method: string; path: string; allow: readonly string[] }>({
    exit: EXIT.usage,
    summary: 'The backend serves this address with another method.',
    message: (p) => `${p.path} does not take ${p.method}`,
    hint: (p) => `Use ${p.allow.join(' or ')}.`,
  }),
  FND_UNAUTHORIZED: define({
    exit: EXIT.usage,
    summary: 'The backend asks for an API key.',
    message: () => 'The API key is missing or wrong',
    hint: () => 'Send it as X-API-Key; for fnd itself set FND_BACKEND_API_KEY.',
  }),
  FND_BODY_TOO_LARGE: define<{ limit: number }>({
    exit: EXIT.usage,
    summary: 'The request body is larger than the backend takes.',
    message: (p) => `The request body is larger than ${p.limit} bytes`,
    hint: () => 'Send less at once, or raise backend.bodyLimit.',
  }),
  FND_MEDIA_TYPE: define<{ given: string }>({
    exit: EXIT.usage,
    summary: 'The request body is in a form that the backend does not read.',
    message: (p) => `The request body is ${p.given}; only plain UTF-8 application/json is read`,
    hint: () => 'Send JSON with the header Content-Type: application/json.',
  }),
  FND_RATE_LIMITED: define<{ limit: number; retryAfter: number }>({
    exit: EXIT.failed,
    summary: 'This client sent more requests than its limit allows.',
    message: (p) => `More than ${p.limit} requests in a minute`,
    hint: (p) => `Try again in ${p.retryAfter} s, or raise backend.rateLimit.`,
  }),
  FND_NOT_READY: define<{ why: string; retryAfter: number }>({
    exit: EXIT.failed,
    summary: 'The backend has no model that answers yet.',
    message: (p) => `The backend is not ready: ${p.why}`,
    hint: (p) => `Try again in ${p.retryAfter} s.`,
  }),
  FND_LISTEN: define<{ address: string; why: string }>({
    exit: EXIT.failed,
    summary: 'What fnd starts cannot listen on the address that it was given.',
    message: (p) => `Cannot listen on ${p.address}: ${p.why}`,
    hint: () =>
      'Choose an address of this machine (`--host` of `fnd serve`, or the setting backend.host), and a port above 1023.',
  }),
  FND_BACKEND_ANSWER: define<{ url: string; status: number; what: string }>({
    exit: EXIT.failed,
    summary: 'The backend answered in a way that fnd does not understand.',
    message: (p) => `The backend at ${p.url} answered ${p.status}: ${p.what}`,
    hint: () => 'Look at `fnd logs backend`, and check that its version is the one of this fnd.',
  }),

  // ── External programs ──────────────────────────────────────────────────────
  FND_PROGRAM_MISSING: define<{ program: string; tried: readonly string[]; mend: string }>({
    exit: EXIT.missing,
    summary: 'An external program that the stack needs was found nowhere.',
    message: (p) => `${p.program} was found nowhere. Tried ${p.tried.join('; ')}`,
    hint: (p) => p.mend,
  }),
  FND_PROGRAM_UNUSABLE: define<{ program: string; path: string; why: string }>({
    exit: EXIT.missing,
    summary: 'A program that the settings name cannot be run.',
    message: (p) => `${p.program} at ${p.path} cannot be used: ${p.why}`,
    hint: (p) =>
      `Correct the path, or leave programs.${p.program.toLowerCase()} out so that fnd looks for it.`,
  }),
  FND_DOWNLOAD_FAILED: define<{ url: string; why: string }>({
    exit: EXIT.failed,
    summary: 'A file could not be downloaded.',
    message: (p) => `${p.url} could not be downloaded: ${p.why}`,
    hint: () => 'Check the connection or the proxy, or name a mirror: FND_PROGRAMS_MIRROR=<address>',
  }),
  FND_CHECKSUM_MISMATCH: define<{ url: string; expected: string; found: string }>({
    exit: EXIT.failed,
    summary: 'A downloaded file is not what its publisher says it is; it was thrown away.',
    message: (p) => `${p.url} has SHA-256 ${p.found}, its publisher says ${p.expected}; it was thrown away`,
    hint: () => 'Try again; if it stays so, the mirror or something on the way changes files.',
  }),

  // ── Runtime ────────────────────────────────────────────────────────────────
  FND_STACK_ABSENT: define<{ name: string }>({
    exit: EXIT.missing,
    summary: 'No stack of this name is up.',
    message: (p) => `The stack '${p.name}' is not up`,
    hint: () => 'Start it with `fnd up`.',
  }),
  FND_STACK_ELSEWHERE: define<{ name: string; where: string; asked: string; down: string }>({
    exit: EXIT.usage,
    summary: 'A stack of this name is up in another place than the one that was asked for.',
    message: (p) => `The stack '${p.name}' is up on ${p.where}, not on ${p.asked}; nothing was changed`,
    hint: (p) => `Take it down first (\`${p.down}\`), or give the new one another name: --name <name>`,
  }),
  FND_PORT_TAKEN: define<{ taken: readonly TakenPort[] }>({
    exit: EXIT.failed,
    summary: 'Ports that the stack needs are taken by something else.',
    message: (p) =>
      p.taken
        .map(
          ({ port, component, stack }) =>
            `Port ${port} for ${component} is taken by ${stack === undefined ? 'another program' : `the stack '${stack}'`}`,
        )
        .join('; '),
    hint: (p) => {
      const others = p.taken.map(({ flag }) => `--${flag} <port>`).join(' ')
      const stacks = [...new Set(p.taken.flatMap(({ stack }) => stack ?? []))]
      const down = stacks.map((stack) => `\`fnd down --name ${stack}\``).join(', ')
      const ends = p.taken.some(({ stack }) => stack === undefined) ? 'stop that program' : ''
      return `Choose other ports: ${others}; or ${[down, ends].filter(Boolean).join(' and ')}.`
    },
  }),
  FND_COMPONENT_ABSENT: define<{ component: string; name: string }>({
    exit: EXIT.missing,
    summary: 'A component that was asked for does not run in this stack.',
    message: (p) => `There is no ${p.component} in the stack '${p.name}'`,
    hint: () => '`fnd status` says why and what mends it.',
  }),
  FND_BUSY: define<{ pid: number; seconds: number }>({
    exit: EXIT.timeout,
    summary: 'Another fnd works on the same stack or program.',
    message: (p) => `Another fnd (process ${p.pid}) still works on this after ${p.seconds} s`,
    hint: (p) => `Wait for process ${p.pid} to end, or stop it; then run the command again.`,
  }),
  FND_PREFLIGHT: define<{ problems: readonly string[]; mend: string }>({
    exit: EXIT.failed,
    summary: 'The stack cannot come up here; nothing was made.',
    message: (p) => `The stack cannot come up here: ${p.problems.join('; ')}`,
    hint: (p) => p.mend,
  }),
  FND_COMPONENT_FAILED: define<{ component: string; why: string; last: string }>({
    exit: EXIT.failed,
    summary: 'A component of the stack keeps failing.',
    message: (p) => `${p.component} keeps failing: ${p.why}${p.last ? `. Its last line: ${p.last}` : ''}`,
    hint: (p) => `Read \`fnd logs ${p.component}\`, then run \`fnd up\` again.`,
  }),

  // ── Kubernetes ─────────────────────────────────────────────────────────────
  FND_ENGINE_MISSING: define<{ why: string }>({
    exit: EXIT.missing,
    summary: 'No Docker engine answers, and the runtime kind needs one.',
    message: (p) => `No Docker engine answers: ${p.why}`,
    hint: () =>
      'Start Docker (`sudo systemctl start docker`, or Docker Desktop), or run the stack without it: --runtime local',
  }),
  FND_CONTEXT_MISSING: define<{ context: string; known: readonly string[] }>({
    exit: EXIT.usage,
    summary: 'The kubeconfig has no such context.',
    message: (p) =>
      p.context ? `The kubeconfig has no context '${p.context}'` : 'The kubeconfig names no current context',
    hint: (p) =>
      p.known.length
        ? `Name one of its contexts with --context: ${p.known.join(', ')}`
        : 'Point KUBECONFIG to a kubeconfig that has one.',
  }),
  FND_CLUSTER_UNREACHABLE: define<{ context: string; why: string }>({
    exit: EXIT.failed,
    summary: 'The Kubernetes API server does not answer.',
    message: (p) => `The cluster of context ${p.context} does not answer: ${p.why}`,
    hint: (p) => `Try \`kubectl --context ${p.context} version\`; for a kind cluster, see that Docker runs.`,
  }),
  FND_CLUSTER_FORBIDDEN: define<{ context: string; object: string; why: string }>({
    exit: EXIT.failed,
    summary: 'The Kubernetes API server does not let this user do what is needed.',
    message: (p) => `${p.object}: not allowed in context ${p.context}: ${p.why}`,
    hint: () =>
      'Use a context whose user may do this, or ask for the right; `fnd check` lists what is needed.',
  }),
  FND_CLUSTER_REFUSED: define<{ object: string; why: string }>({
    exit: EXIT.failed,
    summary: 'The Kubernetes API server refused an object.',
    message: (p) => `${p.object} was refused: ${p.why}`,
    hint: () => 'Read the reason: a policy of the cluster or a setting of fnd has to change.',
  }),
  FND_OBJECT_FOREIGN: define<{ objects: readonly string[] }>({
    exit: EXIT.failed,
    summary: 'Objects that the stack needs exist already and are not its own; nothing was changed.',
    message: (p) => `Not made by this stack, and in its way: ${p.objects.join(', ')}`,
    hint: () => 'Give the stack a name that is free: `--name other` gives it namespaces of its own.',
  }),
  FND_CLUSTER_FOREIGN: define<{ cluster: string }>({
    exit: EXIT.failed,
    summary: 'A kind cluster of the name that the stack needs exists and was not made by it.',
    message: (p) => `The kind cluster '${p.cluster}' was not made by fnd for this stack; it is left alone`,
    hint: (p) =>
      `Give the stack another name (--name), or remove it yourself: kind delete cluster --name ${p.cluster}`,
  }),
  FND_CLUSTER_PORTS: define<{ component: string; port?: number; wanted: number; stack: string }>({
    exit: EXIT.failed,
    summary: 'The ports of a kind cluster cannot be changed while it stands.',
    message: (p) =>
      `The cluster has ${p.port === undefined ? `no port for ${p.component}` : `${p.component} on port ${p.port}, not ${p.wanted}`}; its ports are fixed`,
    hint: (p) => `Run \`fnd down --name ${p.stack}\` first, or ask for the ports that it has.`,
  }),
  FND_IMAGE_MISSING: define<{ image: string; why: string }>({
    exit: EXIT.missing,
    summary: 'A container image cannot be had.',
    message: (p) => `The image ${p.image} cannot be had: ${p.why}`,
    hint: (p) =>
      `Load it into Docker (docker pull ${p.image}, or docker load), or name another: images.* settings. \`fnd up --runtime local\` needs no Docker.`,
  }),
  FND_COMMAND_FAILED: define<{ command: string; why: string }>({
    exit: EXIT.failed,
    summary: 'An external command (docker, kind) failed.',
    message: (p) => `\`${p.command}\` failed: ${p.why}`,
    hint: (p) =>
      `Read its message above; run \`fnd check\` to see whether this machine is ready.${
        /^(docker|kind) /.test(p.command)
          ? ' Where images cannot be fetched, name others (images.* settings, docs/kubernetes.md); `fnd up --runtime local` needs no Docker.'
          : ''
      }`,
  }),
  FND_WORKLOAD_FAILING: define<{ workload: string; why: string; last: string }>({
    exit: EXIT.failed,
    summary: 'A workload keeps failing in the cluster.',
    message: (p) => `${p.workload} keeps failing: ${p.why}${p.last ? `. Its last lines: ${p.last}` : ''}`,
    hint: () => 'Mend the cause, then run `fnd up` again.',
  }),
  FND_INSTALLATION_INCOMPLETE: define<{ missing: string }>({
    exit: EXIT.failed,
    summary: 'A part of fnd’s own installation is not there, so that the backend image cannot be made of it.',
    message: (p) => `This installation of fnd is incomplete: ${p.missing} is missing`,
    hint: () => 'Install fnd again with npm (its packages must stand in node_modules).',
  }),
  FND_MANIFEST_VALUE: define<{ value: string; problem: string }>({
    exit: EXIT.usage,
    summary: 'A value cannot be put into the Kubernetes manifests.',
    message: (p) => `${p.value} cannot be put into the manifests: it ${p.problem}`,
    hint: () => 'Change the setting that it comes from; docs/configuration.md lists them all.',
  }),

  // ── Prometheus ─────────────────────────────────────────────────────────────
  FND_PROMETHEUS_UNREACHABLE: define<{ url: string; why: string }>({
    exit: EXIT.failed,
    summary: 'Prometheus does not answer.',
    message: (p) => `Prometheus at ${p.url} does not answer: ${p.why}`,
    hint: () => 'Look at `fnd status` and `fnd logs prometheus`; of another Prometheus, at its address.',
  }),
  FND_GRAFANA_UNREACHABLE: define<{ url: string; why: string }>({
    exit: EXIT.failed,
    summary: 'Grafana does not answer, or not with what was asked for.',
    message: (p) => `Grafana at ${p.url} does not answer: ${p.why}`,
    hint: () => 'Look at `fnd status` and `fnd logs grafana`.',
  }),
  FND_QUERY_REFUSED: define<{ query: string; why: string }>({
    exit: EXIT.failed,
    summary: 'Prometheus did not take a query.',
    message: (p) => `Prometheus refused ${p.query}: ${p.why}`,
    hint: () => 'Check that this is a Prometheus 2.42 or newer; otherwise report the query as a defect.',
  }),
  FND_METRICS_UNREADABLE: define<{ line: number; text: string }>({
    exit: EXIT.failed,
    summary: 'A /metrics page is not in Prometheus’ text format.',
    message: (p) => `Line ${p.line} of /metrics is not in Prometheus' text format: ${p.text}`,
    hint: () => 'Check that --backend names an fnd backend.',
  }),
  FND_BACKEND_DOWN: define<{ url: string; why: string }>({
    exit: EXIT.unhealthy,
    summary: 'The backend whose health was asked for does not answer.',
    message: (p) => `The backend at ${p.url} is down: ${p.why}`,
    hint: () => 'Look at `fnd status` and `fnd logs backend`.',
  }),
  FND_BACKEND_UNREACHABLE: define<{ url: string; why: string }>({
    exit: EXIT.failed,
    summary: 'The backend does not answer.',
    message: (p) => `The backend at ${p.url} does not answer: ${p.why}`,
    hint: () => 'Look at `fnd status` and `fnd logs backend`.',
  }),

  // ── Model registry ─────────────────────────────────────────────────────────
  FND_REGISTRY_ADDRESS: define<{ address: string; problem: string }>({
    exit: EXIT.usage,
    summary: 'An address of a model in a registry is not of the form that fnd reads.',
    message: (p) => `${p.address} is not the address of a model: ${p.problem}`,
    hint: () => 'Write s3://bucket/prefix/name, with @version or #alias behind it where one is meant.',
  }),
  FND_POD_REGISTRY: define<{ endpoint: string }>({
    exit: EXIT.usage,
    summary: 'The registry’s endpoint is an address that pods in a cluster cannot reach.',
    message: (p) => `Pods cannot reach the registry at ${p.endpoint}: it is this machine alone`,
    hint: () =>
      'Name an address that the cluster reaches (registry.endpoint), or have an S3 server in the kind cluster: `fnd up --s3`.',
  }),
  FND_REGISTRY_UNREACHABLE: define<{ place: string; why: string }>({
    exit: EXIT.failed,
    summary: 'The S3 endpoint of the model registry does not answer.',
    message: (p) => `The model registry at ${p.place} does not answer: ${p.why}`,
    hint: (p) =>
      p.place === 'S3'
        ? 'Check the connection of this machine, then try again.'
        : `Check that it runs (curl -I ${p.place}), or name another with --s3-endpoint.`,
  }),
  FND_REGISTRY_CREDENTIALS: define<{ why: string }>({
    exit: EXIT.missing,
    summary: 'The AWS default chain gives no credentials, or expired ones.',
    message: (p) => `No AWS credentials: ${p.why}`,
    hint: () => 'Run `aws sso login`, or set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
  }),
  FND_REGISTRY_FORBIDDEN: define<{ bucket: string; place: string; why: string }>({
    exit: EXIT.failed,
    summary: 'The registry does not let these credentials do what was asked (403).',
    message: (p) => `Not allowed in bucket ${p.bucket} at ${p.place}: ${p.why}`,
    hint: () =>
      'See who you are with `aws sts get-caller-identity`; docs/registry.md lists the rights that are needed.',
  }),
  FND_REGISTRY_REGION: define<{ bucket: string; used?: string; home?: string }>({
    exit: EXIT.usage,
    summary: 'No region is known for the registry’s bucket, or the wrong one.',
    message: (p) =>
      p.home
        ? `Bucket ${p.bucket} is in region ${p.home}${p.used ? `, not ${p.used}` : ''}`
        : `Bucket ${p.bucket} is ${p.used ? `not in region ${p.used}` : 'in a region that nobody named'}`,
    hint: (p) =>
      `Name its region: --s3-region ${p.home ?? '<region>'}, or AWS_REGION=${p.home ?? '<region>'}`,
  }),
  FND_REGISTRY_BUCKET: define<{ bucket: string; place: string }>({
    exit: EXIT.missing,
    summary: 'The registry has no such bucket.',
    message: (p) => `There is no bucket ${p.bucket} at ${p.place}`,
    hint: (p) => `Correct the address, or make the bucket: aws s3 mb s3://${p.bucket}`,
  }),
  FND_REGISTRY_CLOCK: define<{ place: string }>({
    exit: EXIT.failed,
    summary: 'The clock of this machine differs too much from the registry’s.',
    message: (p) =>
      `The clock of this machine and that of ${p.place} are too far apart (S3 allows 15 minutes)`,
    hint: () => 'Set the clock: `timedatectl set-ntp true`, then try again.',
  }),
  FND_REGISTRY_FAILED: define<{ place: string; why: string }>({
    exit: EXIT.failed,
    summary: 'The registry answered with an error of its own.',
    message: (p) => `The model registry at ${p.place} failed: ${p.why}`,
    hint: () => 'Try again; when it stays so, look at the server’s own log.',
  }),
  FND_REGISTRY_CUT_OFF: define<{ file: string; done: number; total: number; why: string }>({
    exit: EXIT.failed,
    summary: 'A file of a model kept ending before its length; what came is kept.',
    message: (p) => `${p.file} broke off at ${p.done} of ${p.total} bytes: ${p.why}`,
    hint: () => 'Run the same command again: it goes on where it ended.',
  }),
  FND_VERSION_EXISTS: define<{ address: string; there: string; yours: string }>({
    exit: EXIT.failed,
    summary: 'The registry has this version already, with other content; versions never change.',
    message: (p) =>
      `${p.address} exists and is another bundle (manifest ${p.there.slice(0, 12)}, yours ${p.yours.slice(0, 12)})`,
    hint: () => 'Give your bundle a version of its own in its manifest.json, then push again.',
  }),
  FND_VERSION_UNKNOWN: define<{ address: string; known: readonly string[] }>({
    exit: EXIT.missing,
    summary: 'The registry has no such version of the model.',
    message: (p) => `There is no ${p.address}`,
    hint: (p) =>
      p.known.length ? `It has ${some(p.known)}.` : 'It has no version at all: `fnd model push` brings one.',
  }),
  FND_ALIAS_UNKNOWN: define<{ address: string; known: readonly string[] }>({
    exit: EXIT.missing,
    summary: 'The model has no such alias.',
    message: (p) => `There is no alias ${p.address}`,
    hint: (p) =>
      p.known.length
        ? `It has ${some(p.known.map((name) => `#${name}`))}.`
        : 'Make one: `fnd model promote <address>@<version> --alias production`.',
  }),
  FND_ALIAS_CONTESTED: define<{ address: string; tries: number }>({
    exit: EXIT.failed,
    summary: 'Others kept moving an alias while fnd tried to.',
    message: (p) => `${p.address} was moved by others ${p.tries} times while this tried to move it`,
    hint: () => 'See who with `fnd model info`, then try again.',
  }),
  FND_ALIAS_FIRST: define<{ address: string }>({
    exit: EXIT.failed,
    summary: 'An alias has no version before its present one to roll back to.',
    message: (p) => `${p.address} has nothing before its present version`,
    hint: () => 'Name the version: `fnd model rollback <address> --to <version>`.',
  }),
  FND_CANARY_SERVES: define<{ address: string; version: string }>({
    exit: EXIT.usage,
    summary: 'A version was to be the canary beside itself: the alias points to it.',
    message: (p) => `${p.address} points to ${p.version}: it cannot be its own canary`,
    hint: () => 'Name another version; `fnd model list <address>` shows them.',
  }),
  FND_CANARY_ABSENT: define<{ address: string }>({
    exit: EXIT.missing,
    summary: 'No canary stands beside the version that an alias points to.',
    message: (p) => `${p.address} has no canary: there is nothing to compare`,
    hint: () => 'Set one: `fnd model promote <address>@<version> --canary 10%`.',
  }),
  FND_CANARY_MOVED: define<{ address: string }>({
    exit: EXIT.failed,
    summary: 'Somebody moved an alias or its canary while fnd was judging it; fnd moved nothing.',
    message: (p) => `${p.address} was moved by somebody else while its canary was judged; nothing was done`,
    hint: () => 'See who with `fnd model info "<address>#<alias>"`, then compare again.',
  }),
  FND_REGISTRY_DAMAGED: define<{ what: string; problem: string }>({
    exit: EXIT.failed,
    summary: 'An object in the registry is not what fnd writes.',
    message: (p) => `${p.what} in the registry is damaged: ${p.problem}`,
    hint: () => 'Restore it from the bucket’s versioning, or push and promote another version.',
  }),
  FND_DISK_FULL: define<{ path: string; needed: number }>({
    exit: EXIT.failed,
    summary: 'There is no room on the disk for a model.',
    message: (p) => `No room for ${Math.ceil(p.needed / 1e6)} MB in ${p.path}`,
    hint: () => 'Free space there, or name a folder on another disk with FND_CACHE_DIR.',
  }),

  // ── predict and load ───────────────────────────────────────────────────────
  FND_ADDRESS_REFUSED: define<{ host: string; address: string; range: string }>({
    exit: EXIT.usage,
    summary: 'A web page stands at a private, loopback, link-local or otherwise not public address.',
    message: (p) =>
      p.host === p.address
        ? `${p.address} is not a public address (${p.range})`
        : `${p.host} leads to ${p.address}, which is not a public address (${p.range})`,
    hint: () => 'When the page is one of your own, add --allow-private.',
  }),
  FND_PAGE_UNREACHABLE: define<{ url: string; why: string }>({
    exit: EXIT.failed,
    summary: 'A web page could not be fetched.',
    message: (p) => `Cannot fetch ${p.url}: ${p.why}`,
    hint: () => 'Open the address in a browser, or give the text itself: fnd predict --file article.txt',
  }),
  FND_PAGE_UNUSABLE: define<{ url: string; why: string }>({
    exit: EXIT.failed,
    summary: 'A web page was fetched, but no article could be taken from it.',
    message: (p) => `Cannot use ${p.url}: ${p.why}`,
    hint: () => 'Give the text itself: fnd predict --file article.txt',
  }),
  FND_INPUT_INVALID: define<{ path: string; problem: string; fields?: readonly string[] }>({
    exit: EXIT.usage,
    summary: 'A file of texts is not the JSONL or CSV that was expected.',
    message: (p) => `${p.path}: ${p.problem}`,
    hint: ({ fields = [] }) =>
      fields.length
        ? `JSONL: {${[...new Set(['text', ...fields])].map((field) => `"${field}": "…"`).join(', ')}} a line. CSV: a header with the same names.`
        : 'JSONL: {"text": "…", "id": "…", "title": "…"} a line. CSV: a header with a column text.',
  }),
  FND_ROW_INVALID: define<{ problem: string }>({
    exit: EXIT.failed,
    summary: 'One row of a file of texts cannot be judged; it stands in that row of the answer.',
    message: (p) => p.problem,
    hint: () => 'Correct the row and run it again; the other rows were answered.',
  }),
  FND_TARGET_REMOTE: define<{ host: string }>({
    exit: EXIT.usage,
    summary: 'Load is sent to this machine only, unless another is asked for.',
    message: (p) => `${p.host} is not this machine`,
    hint: () => 'When the backend there is yours to load, add --allow-remote.',
  }),
  FND_LOAD_UNANSWERED: define<{ url: string; why: string }>({
    exit: EXIT.failed,
    summary: 'Not one request of a load run was answered.',
    message: (p) => `Nothing at ${p.url} answered: ${p.why}`,
    hint: () => 'Look at `fnd status`; start the stack with `fnd up`.',
  }),
} as const

export type ErrorCode = keyof typeof ERRORS

/** What an error of this code must be told. */
export type ErrorParams<C extends ErrorCode> = Parameters<(typeof ERRORS)[C]['message']>[0]
