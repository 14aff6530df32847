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
} as const

/** Upper edges in seconds for HTTP and prediction latencies, 1 ms to 10 s; every SLO threshold must be one of them. */
export const LATENCY_BUCKETS = [
  0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2.5, 5, 10,
] as const

/** Upper edges for the calibrated confidence, 0.5 to 1. */
export const CONFIDENCE_BUCKETS = [0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1] as const

/** The job label of the backend in every Prometheus that fnd configures, and its metrics path. */
export const BACKEND_JOB = 'backend'
