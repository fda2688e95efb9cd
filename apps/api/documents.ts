import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { PanelSet } from '#dashboard';
import { type EgressConfig, egressConfig } from '#egress/config';
import { problemSchema } from '#errors';
import { SchemaComponents } from '#schemas';
import { asyncApi, serversOf } from './async-api.js';
import type { ApiConfig } from './api.config.js';
import { addErrorResponses } from './error-responses.js';
import { addAnswerHeaders } from './operations/answer-headers.js';
import { addExamples } from './operations/examples.js';
import { addOperationNotes } from './operations/operation-notes.js';
import { isExported, operationsOf, removeFacts } from './operations/operation.js';
import { addTags } from './operations/tags.js';
import { basePathOf } from './pages.js';

const CSV = {
  schema: {
    type: 'string',
    description:
      'RFC 4180, UTF-8, with a header of the fields of an item. Lists and objects are JSON. An apostrophe comes before a text that a spreadsheet would run as a formula',
  },
} as const;

/** /openapi.json, /docs and /asyncapi.json, from the zod schemas the server validates with. Made on first use: 40 ms of a start saved. */
export function serveDocuments(app: NestFastifyApplication, config: ApiConfig): void {
  let made: ReturnType<typeof documentsOf> | undefined;
  const documents = () => (made ??= documentsOf(app, config));
  SwaggerModule.setup('docs', app, () => documents().openApi, {
    jsonDocumentUrl: 'openapi.json',
    yamlDocumentUrl: 'openapi.yaml',
    customSiteTitle: 'Deskwire API',
  });
  const fastify = app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
  fastify.get('/asyncapi.json', ({ protocol, host, socket }, reply) => {
    const asked = config.publicUrl ?? `${protocol}://${host}`;
    // A client may send any text as Host.
    const url = new URL(URL.canParse(asked) ? asked : `${protocol}://localhost:${socket.localPort}`);
    const servers = serversOf({ host: url.host, basePath: basePathOf(url.href), secure: url.protocol === 'https:' });
    return reply.send({ ...documents().asyncApi, servers });
  });
}

/** Both documents, whose components have the same names. */
function documentsOf(app: NestFastifyApplication, config: ApiConfig) {
  const panels = app.get(PanelSet);
  const components = new SchemaComponents({
    DashboardPanels: panels.views,
    DashboardParameters: panels.parameters,
    PanelName: z.enum(panels.names),
  });
  components.use(problemSchema, 'output');
  const contact = contactOf(config, app.get<EgressConfig>(egressConfig.token));
  const [rest, live] = [openApi(app, config, components, contact), asyncApi(components, contact)];
  return { openApi: components.complete(rest), asyncApi: components.complete(live) };
}

/** Whom to ask about this desk: those who operate it. */
function contactOf({ publicUrl }: ApiConfig, { contact }: EgressConfig): object {
  return { name: 'Deskwire', ...(publicUrl && { url: publicUrl }), ...(contact && { email: contact }) };
}

function openApi(
  app: NestFastifyApplication,
  config: ApiConfig,
  components: SchemaComponents,
  contact: object,
): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Deskwire')
    .setDescription(
      'The backend behind a trading desk. Money is decimal strings, times are RFC 3339, errors are problem+json with a stable code.',
    )
    .setVersion('1')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addServer(config.publicUrl?.replace(/\/+$/, '') ?? '/')
    .addBearerAuth({ type: 'http', scheme: 'bearer' })
    .addSecurityRequirements('bearer');
  const document = SwaggerModule.createDocument(app, builder.build(), {
    operationIdFactory: (controller: string, method: string) =>
      `${controller.replace(/Controller$/, '').replace(/^./, (first) => first.toLowerCase())}${method[0]!.toUpperCase()}${method.slice(1)}`,
    standardSchemaConverter: (schema: unknown, { schemaType }: { schemaType: 'input' | 'output' }) =>
      schema instanceof z.ZodType ? { schema: components.use(schema, schemaType) } : undefined,
  } as never);
  document.info.contact = contact;
  for (const { method, operation } of operationsOf(document)) {
    const content = isExported(method, operation) ? operation.responses['200']?.content : undefined;
    if (content !== undefined) content['text/csv'] = CSV;
    // Set by @Public(). @nestjs/swagger drops an empty list of security requirements, so no decorator can set it.
    if (operation['x-public']) operation.security = [];
  }
  addTags(document);
  addOperationNotes(document);
  addErrorResponses(document);
  addAnswerHeaders(document);
  removeFacts(document);
  addExamples(document);
  return document;
}
