import { DeskProblem } from '../problem.js';
import type { FakeLogins, FakeUser } from './fake-logins.js';

/** A request that a fake desk received. */
export interface FakeRequest {
  method: string;
  path: string;
  params: Readonly<Record<string, string>>;
  query: URLSearchParams;
  headers: Headers;
  body: unknown;
  /** Undefined for routes without sign-in. */
  user: FakeUser | undefined;
}

/** Returns the answer as JSON, or a Response. Throw `DeskProblem` to answer a problem. */
export type FakeHandler = (request: FakeRequest) => unknown;

const PUBLIC = new Set(['POST /v1/auth/login', 'POST /v1/auth/refresh']);

interface Route {
  name: string;
  pattern: RegExp;
  handler: FakeHandler;
}

/** The REST API of a fake desk: a `fetch` that answers by its routes. */
export class FakeRest {
  /** Every request, in order. */
  readonly requests: FakeRequest[] = [];
  /** A network that is down refuses every request. */
  down = false;
  #routes: readonly Route[] = [];

  constructor(private readonly logins: FakeLogins) {}

  /** A later route replaces an earlier one of the same name. @param name such as `GET /v1/alerts/{id}` */
  add(name: string, handler: FakeHandler): void {
    const pattern = new RegExp(`^${name.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`);
    this.#routes = [{ name, pattern, handler }, ...this.#routes.filter((route) => route.name !== name)];
  }

  readonly fetch: typeof globalThis.fetch = async (input, init) => {
    const asked = new Request(input as RequestInfo, init);
    const text = await asked.text();
    asked.signal.throwIfAborted();
    if (this.down) throw new TypeError('fetch failed');
    try {
      return await this.#answer(asked, text);
    } catch (error) {
      if (!(error instanceof DeskProblem)) throw error;
      return json(error.document, error.status, 'application/problem+json');
    }
  };

  async #answer({ method, url, headers }: Request, text: string): Promise<Response> {
    const { pathname, searchParams } = new URL(url);
    const asked = `${method} ${pathname}`;
    const route = this.#routes.find(({ pattern }) => pattern.test(asked));
    const body = headers.get('content-type')?.includes('json') ? (JSON.parse(text) as unknown) : text;
    const groups = Object.entries(route?.pattern.exec(asked)?.groups ?? {});
    const params = Object.fromEntries(groups.map(([name, value]) => [name, decodeURIComponent(value)]));
    const token = /^Bearer (.+)$/.exec(headers.get('authorization') ?? '')?.[1];
    const request: FakeRequest = {
      method,
      path: pathname,
      params,
      query: searchParams,
      headers,
      body,
      user: undefined,
    };
    this.requests.push(request);
    if (!PUBLIC.has(asked)) request.user = this.logins.userOf(token);
    if (route === undefined) {
      const detail = `The fake desk has no route ${asked}. Add it with fake.route().`;
      throw new DeskProblem({ code: 'ROUTE_NOT_FOUND', status: 404, detail, correlationId: 'fake' });
    }
    const answer = await route.handler(request);
    if (answer instanceof Response) return answer;
    return answer === undefined ? new Response(null, { status: 204 }) : json(answer, 200, 'application/json');
  }
}

function json(value: unknown, status: number, type: string): Response {
  const retryAfterMs = (value as { retryAfterMs?: number }).retryAfterMs;
  return new Response(JSON.stringify(value), {
    status,
    headers: {
      'content-type': type,
      ...(retryAfterMs === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfterMs / 1_000)) }),
    },
  });
}
