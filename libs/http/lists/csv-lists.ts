import { AsyncLocalStorage } from 'node:async_hooks';
import { Readable } from 'node:stream';
import { StreamableFile, type Type } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/internal';
import { ModulesContainer } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ClsServiceManager } from 'nestjs-cls';
import { z } from 'zod';
import { csvLine } from './csv.js';
import { exportsBusy } from './lists.errors.js';
import { listFormat, MAX_PAGE } from './page.js';

/** A list that grows faster than a client reads it would never end. The answer then breaks off. */
const MAX_ROWS = 2_000_000;
/** Lists that are read at once as CSV, per process: each reads a page after the other. */
const MAX_EXPORTS = 8;
/** Lists that one user reads at once as CSV, per process, so that one user leaves places to others. */
const MAX_USER_EXPORTS = 2;
/** A client that takes nothing for this long loses its answer, in ms. */
const STALLED_MS = 60_000;
/** The number that Nest gives to `@Query()` in the metadata of parameters (RouteParamtypes.QUERY). */
const QUERY_PARAMETER = /^4:/;
const RESPONSES = 'swagger/apiResponse';
const CALLER = 'csvCaller';

type Handler = (...args: unknown[]) => unknown;
type Row = Record<string, unknown>;
interface Answered {
  items: Row[];
  nextCursor: string | null | undefined;
}

/** A list with its file name and the schema of its cursor. */
interface ExportedList extends ListShape {
  file: string;
  cursor: z.ZodType;
}

interface ListShape {
  /** The fields of a row. */
  columns: string[];
  pageOf(answer: unknown): Answered;
}

/**
 * Gives every list the form `?format=csv`: all rows from the cursor on, page by page while the client reads them. A list
 * is a handler whose query has the fields of `pageQuery()`. Call before `app.init()`.
 */
export function exportLists(app: NestFastifyApplication): void {
  const exports = new RunningExports();
  for (const module of app.get(ModulesContainer).values()) {
    for (const { metatype, instance } of module.controllers.values()) {
      const controller = metatype as Type;
      const prototype = controller.prototype as Record<string, unknown>;
      for (const name of Object.getOwnPropertyNames(prototype)) {
        const handler = prototype[name];
        const query = queryOf(controller, name);
        if (typeof handler !== 'function' || query === undefined || query.shape['format'] !== listFormat) continue;
        const shape = shapeOf(handler, `${controller.name}.${name}`);
        const file = `${controller.name
          .replace(/Controller$/, '')
          .replace(/\B[A-Z]/g, '-$&')
          .toLowerCase()}.csv`;
        const exporting = withCsv(
          handler as Handler,
          { ...shape, file, cursor: query.shape['cursor'] as z.ZodType },
          exports,
        );
        // Guards and interceptors read the settings of a route from its function.
        for (const key of Reflect.getMetadataKeys(handler) as unknown[])
          Reflect.defineMetadata(key, Reflect.getMetadata(key, handler), exporting);
        Object.defineProperty(instance, name, { value: exporting });
      }
    }
  }
}

/** The schema of the query of a handler. */
function queryOf(controller: Type, name: string): z.ZodObject | undefined {
  const parameters = (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, name) ?? {}) as Record<
    string,
    { schema?: unknown }
  >;
  const [query] = Object.entries(parameters).flatMap(([key, { schema }]) =>
    QUERY_PARAMETER.test(key) ? [schema] : [],
  );
  return query instanceof z.ZodObject ? query : undefined;
}

/** @throws Error for a handler that does not document the shape of its rows */
function shapeOf(handler: object, name: string): ListShape {
  const responses = Reflect.getMetadata(RESPONSES, handler) as Record<string, { standardSchema?: unknown }> | undefined;
  const answer = responses?.['200']?.standardSchema;
  if (answer instanceof z.ZodObject) {
    const own = rowsIn(answer);
    if (own !== undefined) return own;
    for (const [field, schema] of Object.entries(answer.shape as Record<string, unknown>)) {
      const inner = schema instanceof z.ZodObject ? rowsIn(schema) : undefined;
      if (inner !== undefined) return { ...inner, pageOf: (given) => inner.pageOf((given as Row)[field]) };
    }
  }
  throw new Error(`${name} takes \`format\`, but @ApiOkResponse() names no list of objects.`);
}

/** The first list of objects in a page. */
function rowsIn(page: z.ZodObject): ListShape | undefined {
  for (const [field, schema] of Object.entries(page.shape as Record<string, unknown>)) {
    if (!(schema instanceof z.ZodArray) || !(schema.element instanceof z.ZodObject)) continue;
    const pageOf = (given: unknown) => {
      const { [field]: items, nextCursor } = given as Row;
      return { items: items as Row[], nextCursor: nextCursor as string | null | undefined };
    };
    return { columns: Object.keys(schema.element.shape as object), pageOf };
  }
  return undefined;
}

/** Who reads a list. */
interface Caller {
  userId: string | undefined;
  /** @throws Error if the caller may read no longer */
  checkAgain(): Promise<void>;
}

/** Names the caller of the running request. */
export function rememberCaller(caller: Caller): void {
  const cls = ClsServiceManager.getClsService();
  if (cls.isActive()) cls.set(CALLER, caller);
}

function currentCaller(): Caller | undefined {
  return ClsServiceManager.getClsService().get<Caller | undefined>(CALLER);
}

/** The exports of a process and those of each user. */
class RunningExports {
  #all = 0;
  readonly #byUser = new Map<string, number>();

  /** @returns ends the export @throws DomainError HTTP_EXPORTS_BUSY */
  begin(): () => void {
    const user = String(currentCaller()?.userId);
    const own = this.#byUser.get(user) ?? 0;
    if (own >= MAX_USER_EXPORTS) throw exportsBusy(`You read ${own} lists as CSV, the maximum of a user`);
    if (this.#all >= MAX_EXPORTS) throw exportsBusy(`${this.#all} lists are read as CSV, the maximum of a process`);
    this.#all++;
    this.#byUser.set(user, own + 1);
    return () => {
      this.#all--;
      const left = this.#byUser.get(user)! - 1;
      if (left === 0) this.#byUser.delete(user);
      else this.#byUser.set(user, left);
    };
  }
}

function withCsv(handler: Handler, list: ExportedList, exports: RunningExports): Handler {
  return async function (this: unknown, ...args: unknown[]) {
    const at = args.findIndex((arg) => typeof arg === 'object' && arg !== null && 'format' in arg);
    if (at < 0) return handler.apply(this, args);
    const { format, ...query } = args[at] as Row;
    const read = async (more: Row) => list.pageOf(await handler.apply(this, args.with(at, { ...query, ...more })));
    if (format !== 'csv') return handler.apply(this, args.with(at, query));
    const end = exports.begin();
    const whole = 'limit' in query ? { limit: MAX_PAGE } : {};
    // A refusal is answered as such, because the first page is read before the answer begins.
    const first = await read(whole).catch((error: unknown) => {
      end();
      throw error;
    });
    // Later pages are read when the client takes them: outside of the request and its guards, but in its context.
    const inRequest = AsyncLocalStorage.snapshot();
    const caller = currentCaller();
    const next = async (cursor: string) => {
      await caller?.checkAgain();
      return inRequest(() => read({ ...whole, cursor: list.cursor.parse(cursor) }));
    };
    const stalled = setTimeout(() => stream.destroy(new Error('The client takes no data.')), STALLED_MS).unref();
    const stream = Readable.from(
      linesOf(list.columns, first, next, () => stalled.refresh()),
      { objectMode: false },
    );
    stream.once('close', () => {
      end();
      clearTimeout(stalled);
    });
    return new StreamableFile(stream, {
      type: 'text/csv; charset=utf-8; header=present',
      disposition: `attachment; filename="${list.file}"`,
    });
  };
}

async function* linesOf(
  columns: readonly string[],
  first: Answered,
  next: (cursor: string) => Promise<Answered>,
  taken: () => void,
): AsyncGenerator<string> {
  yield csvLine(columns);
  let page = first;
  for (let rows = page.items.length; ; rows += page.items.length) {
    if (page.items.length > 0) yield page.items.map((row) => csvLine(columns.map((name) => row[name]))).join('');
    taken();
    const { nextCursor } = page;
    if (nextCursor === null || nextCursor === undefined) return;
    if (rows >= MAX_ROWS) throw new Error(`The list has more than ${MAX_ROWS} rows. Filter it.`);
    page = await next(nextCursor);
  }
}
