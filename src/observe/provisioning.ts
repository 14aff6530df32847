// What Prometheus and Grafana are provisioned with, wherever they run; as trees, for their runtime to write down.

import { BACKEND_JOB } from '../service/metric-names.ts'

/** A scrape of one backend beside Prometheus: `127.0.0.1:8000`. */
export function scrapeAddress(address: string, job: string = BACKEND_JOB) {
  return { job_name: job, static_configs: [{ targets: [address] }] }
}

/** A scrape of every backend pod in a namespace, each a target of its own. */
export function scrapePods(namespace: string, selector: Readonly<Record<string, string>>) {
  const label = Object.entries(selector)
    .map(([name, value]) => `${name}=${value}`)
    .join(',')
  const meta = (name: string) => [`__meta_kubernetes_${name}`]
  return {
    job_name: BACKEND_JOB,
    kubernetes_sd_configs: [
      { role: 'pod', namespaces: { names: [namespace] }, selectors: [{ role: 'pod', label }] },
    ],
    relabel_configs: [
      { source_labels: meta('pod_container_port_name'), regex: 'http', action: 'keep' },
      { source_labels: meta('pod_phase'), regex: 'Succeeded|Failed', action: 'drop' },
      { source_labels: meta('namespace'), target_label: 'namespace' },
      { source_labels: meta('pod_node_name'), target_label: 'node' },
      { source_labels: meta('pod_name'), target_label: 'pod' },
      // The pod's name says more than its address.
      { source_labels: meta('pod_name'), target_label: 'instance' },
    ],
  }
}

/** Prometheus' configuration, valid for 2.42 and 3.x; `interval` as Prometheus writes durations. */
export function prometheusConfig<T>(interval: string, rules: string, scrapes: readonly T[]) {
  return {
    global: { scrape_interval: interval, evaluation_interval: interval },
    rule_files: [rules],
    scrape_configs: scrapes,
  }
}

/** Grafana's one datasource. */
export function grafanaDatasource(prometheus: string, interval: string) {
  return {
    apiVersion: 1,
    prune: true,
    datasources: [
      {
        name: 'Prometheus',
        uid: 'prometheus',
        type: 'prometheus',
        url: prometheus,
        access: 'proxy',
        isDefault: true,
        editable: false,
        jsonData: { httpMethod: 'POST', timeInterval: interval },
      },
    ],
  }
}

/** Where Grafana reads its dashboards. */
export function grafanaDashboards(folder: string) {
  return {
    apiVersion: 1,
    providers: [
      {
        name: 'fnd',
        type: 'file',
        disableDeletion: true,
        allowUiUpdates: false,
        updateIntervalSeconds: 30,
        options: { path: folder },
      },
    ],
  }
}

/** Grafana's settings by section, wherever it runs. */
export const GRAFANA_SETTINGS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'auth.anonymous': { enabled: 'false' },
  users: { allow_sign_up: 'false' },
  log: { mode: 'console' },
  // Nothing leaves the machine: no reports, no update checks, no plugins fetched at start.
  analytics: {
    reporting_enabled: 'false',
    check_for_updates: 'false',
    check_for_plugin_updates: 'false',
  },
  news: { news_feed_enabled: 'false' },
  plugins: { preinstall_disabled: 'true' },
}
