// The page at /docs in a real browser: it renders, it can try a prediction, it asks nobody else. Skipped without Chromium.

import { expect, test } from 'vitest'
import { z } from 'zod'
import { browser, startBrowser } from '../support/browser.ts'
import { startServe } from '../support/serve-process.ts'

test.skipIf(!browser)('shows the API, tries a prediction, and asks nobody but this server', async () => {
  await using page = await startBrowser()
  await using service = startServe()
  await service.logged('ready')
  const { origin, href } = service.url('/docs')
  for (const domain of ['Page', 'Network', 'Log', 'Runtime']) await page.call(`${domain}.enable`)
  await page.call('Page.navigate', { url: href })

  await page.until(`document.querySelectorAll('.opblock').length >= 6`)
  await page.call('Runtime.evaluate', {
    expression: `document.querySelector('#operations-predict-predict .opblock-summary-control').click()`,
  })
  await page.until(`document.querySelector('#operations-predict-predict .execute') !== null`)
  // Its example comes a moment after the button: sent before that, the request has no text.
  await page.until(`document.querySelector('#operations-predict-predict textarea')?.value.includes('"text"')`)
  await page.call('Runtime.evaluate', {
    expression: `document.querySelector('#operations-predict-predict .execute').click()`,
  })
  const body = await page.until(
    `document.querySelector('#operations-predict-predict .live-responses-table .highlight-code')?.textContent`,
  )
  expect(body).toContain('"confidence"')

  const asked = page.events
    .filter(({ method }) => method === 'Network.requestWillBeSent')
    .map(
      ({ params }) =>
        z.looseObject({ request: z.looseObject({ url: z.string() }) }).parse(params).request.url,
    )
  expect(asked.some((url) => url.endsWith('/predict'))).toBe(true)
  expect(asked.filter((url) => !url.startsWith(`${origin}/`) && !url.startsWith('data:'))).toEqual([])
  const complaints = page.events.filter(
    ({ method }) => method === 'Log.entryAdded' || method === 'Runtime.exceptionThrown',
  )
  expect(complaints).toEqual([])
})
