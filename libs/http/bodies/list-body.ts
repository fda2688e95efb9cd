import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type DomainError, requestError } from '#errors';
import { invalidRequest } from '../invalid-request.js';
import { bodyError, hasForeignCharset, isJsonType, MAX_JSON_DEPTH, strictJson } from './json-body.js';
import { ListSplitter, SplitError } from './list-splitter.js';

/** Content type under which Fastify parses these bodies. */
const LIST_TYPE = 'application/x-deskwire-list';

/** One item is parsed and checked at once, so its size decides how long the event loop is blocked: about 10 ms. */
const MAX_ITEM_BYTES = 1024 * 1024;

const MAX_REST_BYTES = 64 * 1024;

/** As many as any list of the desk may have. 5 million items of two bytes would take 16 s. */
const MAX_ITEMS = 10_000;

const listNames = new WeakMap<object, string>();

/** The name of the list of a body that was read item by item. */
export function listNameOf(body: unknown): string | undefined {
  return typeof body === 'object' && body !== null ? listNames.get(body) : undefined;
}

/**
 * Reads the JSON of routes with `@BodyLimit(bytes, list)` while it arrives, one item of the list at a time. Parsing 56
 * MB at once blocked the event loop for 4.4 s. Here only the parsing of one item does.
 */
export function readLists(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    const { headers, routeOptions } = request;
    const type = headers['content-type'] ?? '';
    if (routeOptions.config.list !== undefined && isJsonType(type) && !hasForeignCharset(type))
      headers['content-type'] = LIST_TYPE;
    done();
  });
  fastify.addContentTypeParser(LIST_TYPE, { bodyLimit: Number.MAX_SAFE_INTEGER }, readList);
}

async function readList(request: FastifyRequest, payload: IncomingMessage): Promise<unknown> {
  const { bodyLimit, config } = request.routeOptions;
  const list = config.list!;
  const items: unknown[] = [];
  const limits = { itemBytes: MAX_ITEM_BYTES, restBytes: MAX_REST_BYTES, depth: MAX_JSON_DEPTH };
  const splitter = new ListSplitter(list, limits, (text, index) => {
    if (index === MAX_ITEMS) throw tooMany(list);
    items.push(strictJson(text, `${list}[${index}]`, MAX_JSON_DEPTH - 2));
  });
  if (Number(request.headers['content-length']) > bodyLimit) throw tooLarge('body', bodyLimit);
  let bytes = 0;
  try {
    // Without `destroyOnReturn` a refusal would end the connection before its answer.
    for await (const chunk of payload.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > bodyLimit) throw tooLarge('body', bodyLimit);
      splitter.write(chunk);
    }
  } catch (error) {
    throw error instanceof SplitError ? refusalOf(error, list) : error;
  }
  if (bytes === 0) return undefined;
  const body = strictJson(splitter.rest());
  if (typeof body !== 'object' || body === null || !Array.isArray((body as Record<string, unknown>)[list])) return body;
  (body as Record<string, unknown>)[list] = items;
  listNames.set(body, list);
  return body;
}

function refusalOf({ reason, index }: SplitError, list: string): DomainError {
  switch (reason) {
    case 'syntax':
      return bodyError(`The body is not JSON: a bracket is wrong at ${list}[${index}].`, 'one JSON value');
    case 'depth':
      return bodyError(
        `The body is refused: at most ${MAX_JSON_DEPTH} levels of nesting.`,
        `at most ${MAX_JSON_DEPTH} levels`,
      );
    case 'item':
      return tooLarge(`${list}[${index}]`, MAX_ITEM_BYTES);
    case 'rest':
      return tooLarge(`body without ${list}`, MAX_REST_BYTES);
  }
}

function tooLarge(what: string, limit: number): DomainError {
  return requestError('REQUEST_TOO_LARGE', `The ${what} is larger than ${limit} bytes.`);
}

function tooMany(list: string): DomainError {
  const allowed = `at most ${MAX_ITEMS} items`;
  return invalidRequest([{ field: list, seen: `more than ${MAX_ITEMS} items`, allowed }]);
}
