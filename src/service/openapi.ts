// The API described by itself: OpenAPI 3.1 at /openapi.json and a page that can try it at /docs.

import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import { ON_UNSEEN_SOURCES } from '../detector/unseen.ts'

const DESCRIPTION = `Judges how an English news text *reads*: like the fake or like the real articles that the model learned from.
It does not know whether a claim is true. On sources like those it learned from, its confidence is honest.
${ON_UNSEEN_SOURCES} \`Uncertain\` is an answer, not an error.

Every error is a problem document (RFC 9457) with a stable \`code\`.`

/** Must be registered before the routes that it describes. */
export async function describeApi(
  app: FastifyInstance,
  options: { version: string; apiKey: boolean },
): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'fnd: fake-news detector', description: DESCRIPTION, version: options.version },
      servers: [{ url: '/' }],
      tags: [
        { name: 'predict', description: 'Verdicts on texts' },
        { name: 'probe', description: 'For orchestrators and Prometheus; never limited, no key needed' },
      ],
      ...(options.apiKey
        ? {
            components: {
              securitySchemes: { apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' } },
            },
          }
        : {}),
    },
    refResolver: { buildLocalReference: (json, _base, _fragment, i) => String(json.$id ?? `schema-${i}`) },
  })
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    uiConfig: { docExpansion: 'list', tryItOutEnabled: true, validatorUrl: null },
    theme: {
      title: 'fnd: fake-news detector',
      // The bar with another project's logo and a field for other descriptions has no use here.
      css: [{ filename: 'theme.css', content: '.swagger-ui .topbar { display: none }' }],
    },
    // Everything from this server, and nothing that would upgrade plain http: works offline and on any host name.
    staticCSP: {
      'default-src': ["'self'"],
      'script-src': ["'self'"],
      'style-src': ["'self'", "'unsafe-inline'"],
      'img-src': ["'self'", 'data:'],
      'object-src': ["'none'"],
      'base-uri': ["'self'"],
      'frame-ancestors': ["'none'"],
    },
  })
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger())
}
