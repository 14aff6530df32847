// The versions of other people's software that fnd runs, tested together; as releases and as images they are the same.

export const VERSIONS = {
  node: '22.21.1',
  prometheus: '3.5.3',
  grafana: '12.4.0',
  kind: '0.30.0',
  versitygw: '1.8.0',
} as const
