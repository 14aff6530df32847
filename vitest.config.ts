import { defineConfig } from 'vitest/config'

const project = (name: string, include: string[], extra: object = {}) => ({
  test: {
    name,
    include,
    environment: 'node' as const,
    globalSetup: ['test/built.ts'],
    // ONNX Runtime would otherwise keep a telemetry database in the home of whoever runs the tests.
    env: { ORT_DISABLE_TELEMETRY: '1' },
    ...extra,
  },
})

// Integration and e2e share one machine: their files run one after another, so that timing stays honest.
const oneByOne = { fileParallelism: false, testTimeout: 180_000, hookTimeout: 300_000 }

export default defineConfig({
  test: {
    projects: [
      project('unit', ['test/unit/**/*.test.ts'], { testTimeout: 20_000 }),
      project('cli', ['test/cli/**/*.test.ts'], { testTimeout: 30_000 }),
      project('integration', ['test/integration/**/*.test.ts'], oneByOne),
      project('s3', ['test/s3/**/*.test.ts'], oneByOne),
      project('e2e', ['test/e2e/**/*.test.ts'], oneByOne),
    ],
  },
})
