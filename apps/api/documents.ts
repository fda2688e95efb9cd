import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { PanelSet } from '#dashboard';
import { asyncApi } from './async-api.js';
import type { ApiConfig } from './api.config.js';
import { addErrorResponses } from './error-responses.js';

const PROBLEM = {
  type: 'object',
  description: 'RFC 9457 problem details',
  required: ['type', 'title', 'status', 'detail', 'code', 'correlationId'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string', description: 'Never changes its meaning; docs/errors.md lists all codes' },
    correlationId: { type: 'string' },
    retryAfterMs: { type: 'number' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        properties: { field: { type: 'string' }, seen: { type: 'string' }, allowed: { type: 'string' } },
        required: ['field', 'allowed'],
      },
    },
  },
} as const;

interface Operation {
  responses?: Record<string, unknown>;
  security?: object[];
  'x-public'?: boolean;
}

interface DashboardOperation {
  responses: { '200': { content: { 'application/json': { schema: { properties: Record<string, object> } } } } };
}

/** /openapi.json, /docs and /asyncapi.json, from the zod schemas the server validates with. Made on first use: 40 ms of a start saved. */
export function serveDocuments(app: NestFastifyApplication, config: ApiConfig): void {
  let made: OpenAPIObject | undefined;
  const document = () => (made ??= openApi(app, config));
  SwaggerModule.setup('docs', app, document, {
    jsonDocumentUrl: 'openapi.json',
    yamlDocumentUrl: 'openapi.yaml',
    customSiteTitle: 'Deskwire API',
  });
  const fastify = app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
  fastify.get('/asyncapi.json', (_request, reply) => reply.send(asyncApi(config.publicUrl, app.get(PanelSet))));
}

function openApi(app: NestFastifyApplication, config: ApiConfig): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Deskwire')
    .setDescription(
      'The backend behind a trading desk. Money is decimal strings, times are RFC 3339, errors are problem+json with a stable code.',
    )
    .setVersion('1')
    .addBearerAuth({ type: 'http', scheme: 'bearer' })
    .addSecurityRequirements('bearer');
  if (config.publicUrl !== undefined) builder.addServer(config.publicUrl.replace(/\/+$/, ''));
  const document = SwaggerModule.createDocument(app, builder.build(), {
    operationIdFactory: (controller: string, method: string) =>
      `${controller.replace(/Controller$/, '').replace(/^./, (first) => first.toLowerCase())}${method[0]!.toUpperCase()}${method.slice(1)}`,
    standardSchemaConverter: (schema: unknown, { schemaType }: { schemaType: 'input' | 'output' }) =>
      schema instanceof z.ZodType
        ? {
            schema: z.toJSONSchema(schema, {
              target: 'draft-2020-12',
              io: schemaType,
              unrepresentable: 'any',
            }) as never,
          }
        : undefined,
  } as never);
  (document.components ??= {}).schemas = { ...document.components.schemas, Problem: PROBLEM as never };
  for (const operations of Object.values(document.paths)) {
    for (const operation of Object.values(operations as Record<string, Operation>)) {
      if (!operation.responses) continue;
      // Set by @Public(). @nestjs/swagger drops an empty list of security requirements, so no decorator can set it.
      if (operation['x-public']) operation.security = [];
      delete operation['x-public'];
    }
  }
  addErrorResponses(document);
  describePanels(document, app.get(PanelSet));
  return document;
}

/** The panels are known when the app is composed, so no decorator of the route can name their shapes. */
function describePanels(document: OpenAPIObject, panels: PanelSet): void {
  const { responses } = document.paths['/v1/dashboard']!.get as unknown as DashboardOperation;
  responses['200'].content['application/json'].schema.properties['panels'] = z.toJSONSchema(panels.views, {
    target: 'draft-2020-12',
  });
  document.components!.schemas!['DashboardParameters'] = z.toJSONSchema(panels.parameters, {
    target: 'draft-2020-12',
    io: 'input',
  }) as never;
}
