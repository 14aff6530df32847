// Builds the application over the detector double, for tests that inject requests.

import { settingsSchema } from '../../../src/config/schema.ts'
import { buildApp } from '../../../src/service/app.ts'
import { createMetrics } from '../../../src/service/metrics.ts'
import { ModelHost } from '../../../src/service/model-host.ts'
import { FakeDetector } from '../../doubles/detector.ts'

type Backend = NonNullable<Parameters<typeof settingsSchema.parse>[0]>

/** An application that is ready, its detector and its model host. */
export async function readyApp(
  backend: Backend = {},
  more: Partial<Parameters<typeof buildApp>[0]> = {},
  capacity = 8,
) {
  const model = new ModelHost()
  const metrics = createMetrics({ version: '1.2.3', commit: 'abc' }, model)
  const detector = new FakeDetector(metrics.detectorEvents, capacity)
  const { backend: settings } = settingsSchema.parse({ backend })
  const app = await buildApp({ settings, model, metrics, version: '1.2.3', ...more })
  await model.open(async () => detector)
  return { app, detector, model, metrics }
}

export const ARTICLE = 'The council approved the new budget on Monday after a debate of three hours.'
