// The names of everything the backend exposes on /metrics: a contract with the catalogue, the rules and the dashboards.

export const METRIC = {
  httpRequests: 'http_requests_total',
  httpDuration: 'http_request_duration_seconds',
  predictionLatency: 'prediction_latency_seconds',
  predictionStage: 'prediction_stage_seconds',
  predictions: 'predictions_total',
  predictionConfidence: 'prediction_confidence',
  predictionTokens: 'prediction_tokens',
  predictionWindows: 'prediction_windows',
  queueDepth: 'prediction_queue_depth',
  queueCapacity: 'prediction_queue_capacity',
  rejected: 'predictions_rejected_total',
  workers: 'prediction_workers',
  workerRestarts: 'prediction_worker_restarts_total',
  modelInfo: 'model_info',
  modelReady: 'model_ready',
  modelLoadSeconds: 'model_load_seconds',
  modelLoadFailures: 'model_load_failures_total',
  buildInfo: 'fnd_build_info',
  /** What the model's bundle states that it answered on its reference texts; absent where it states none. */
  referenceLabels: 'model_reference_label_share',
  referenceConfidence: 'model_reference_confidence',
  referenceTokens: 'model_reference_tokens',
  /** What each loaded version did, by its part in it: serving, canary or shadow. */
  versionPredictions: 'model_predictions_total',
  versionLatency: 'model_prediction_latency_seconds',
  versionConfidence: 'model_prediction_confidence',
  versionErrors: 'model_prediction_errors_total',
  canaryShare: 'model_canary_share',
  canaryRefused: 'model_canary_refused',
  shadowTexts: 'model_shadow_texts_total',
  shadowDifference: 'model_shadow_probability_difference',
} as const

/** What prom-client's defaults and the service's own limits collector expose about the process. */
export const PROCESS_METRIC = {
  cpu: 'process_cpu_seconds_total',
  memory: 'process_resident_memory_bytes',
  startTime: 'process_start_time_seconds',
  /** The cgroup's limits and throttling; each absent where there is none. */
  memoryLimit: 'process_memory_limit_bytes',
  cpuLimit: 'process_cpu_limit_cores',
  cpuThrottled: 'process_cpu_throttled_seconds_total',
  eventLoopP99: 'nodejs_eventloop_lag_p99_seconds',
  gc: 'nodejs_gc_duration_seconds',
  heapUsed: 'nodejs_heap_size_used_bytes',
} as const

/** Routes that probes, scrapers and browsers ask: they are no traffic, so rates and shares leave them out. */
export const OPERATIONAL_ROUTES = ['/health', '/ready', '/metrics', '/openapi.json', '/docs'] as const

/** Upper edges in seconds for HTTP and prediction latencies, 1 ms to 10 s; every SLO threshold must be one of them. */
export const LATENCY_BUCKETS = [
  0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2.5, 5, 10,
] as const

/** Upper edges for the calibrated confidence, 0.5 to 1. */
export const CONFIDENCE_BUCKETS = [0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1] as const

/** Upper edges for the distance of two probabilities, 0 to 1. */
export const DIFFERENCE_BUCKETS = [0.001, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1] as const

/** Upper edges for the tokens of a text. */
export const TOKEN_BUCKETS = [16, 32, 64, 128, 256, 512, 1024, 2048, 4096] as const

/** The job label of the backend in every Prometheus that fnd configures, and its metrics path. */
export const BACKEND_JOB = 'backend'
