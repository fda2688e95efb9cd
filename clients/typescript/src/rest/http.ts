import { clientProblem, DeskProblem, isProblemDocument, type ProblemDocument } from '../problem.js';
import { unlessAborted, wait } from '../timing.js';
import type { AnyInit, Method } from './calls.js';

/** Attempts of a request in all, of which the later ones follow a refusal with Retry-After or a broken connection. */
const ATTEMPTS = 4;
/** A request whose Retry-After is longer fails at once, so that the caller can say so. */
const MAX_WAIT_MS = 15_000;
const BACKOFF_MS = 300;
const TIMEOUT_MS = 60_000;
/** The one request that fails the second time because it succeeded the first time. */
const NOT_REPEATABLE = '/v1/auth/password';

/** Where a request takes its token from. */
export interface TokenSource {
  /** Whose the tokens are; undefined while that is not known. */
  readonly userId?: string | undefined;
  /** @returns undefined if nobody is signed in */
  token(): Promise<string | undefined>;
  /** Replaces a refused token. @returns whether there is another one */
  renew(refused: string): Promise<boolean>;
}

/** Sends requests: retries by Retry-After, renews a refused token once, and throws DeskProblem. */
export class Http {
  constructor(
    private readonly base: string,
    private readonly fetch: typeof globalThis.fetch,
  ) {}

  /** @param tokens undefined for requests without a token, such as the sign-in */
  async send(method: Method, path: string, init: AnyInit = {}, tokens?: TokenSource): Promise<unknown> {
    const url = this.base + fill(path, init.params) + queryText(init.query);
    const headers = headersOf(method, init);
    const body = isRaw(init.body) || init.body === undefined ? init.body : JSON.stringify(init.body);
    let renewed = false;
    let unanswered = false;
    let userId = tokens?.userId;
    for (let attempt = 1; ; attempt++) {
      const token = tokens && (await unlessAborted(tokens.token(), init.signal));
      if (tokens && token === undefined) throw clientProblem('CLIENT_SIGNED_OUT', 401, 'Nobody is signed in.');
      userId ??= tokens?.userId;
      if (tokens?.userId !== userId)
        throw clientProblem('CLIENT_SIGNED_OUT', 401, 'Another user has signed in since this request was made.');
      if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
      const outcome = await this.#attempt(
        path,
        url,
        { method: method.toUpperCase(), headers, body: body as string },
        init,
      );
      if (!(outcome instanceof DeskProblem)) return outcome;
      // An attempt that got no answer has deleted it.
      if (unanswered && method === 'delete' && outcome.status === 404) return undefined;
      unanswered ||= outcome.status === 0;
      if (token !== undefined && outcome.code === 'AUTH_UNAUTHENTICATED' && !renewed) {
        renewed = true;
        if (await unlessAborted(tokens!.renew(token), init.signal)) continue;
      }
      const waitMs = waitBefore(outcome, attempt);
      const repeatable = path !== NOT_REPEATABLE || outcome.status === 429;
      if (attempt >= ATTEMPTS || waitMs === undefined || !repeatable) throw outcome;
      await wait(waitMs, init.signal);
    }
  }

  async #attempt(
    path: string,
    url: string,
    request: RequestInit,
    { signal, timeoutMs = TIMEOUT_MS }: AnyInit,
  ): Promise<unknown> {
    const late = AbortSignal.timeout(timeoutMs);
    try {
      const response = await this.fetch(url, { ...request, signal: signal ? AbortSignal.any([signal, late]) : late });
      return await read(response, path);
    } catch (error) {
      signal?.throwIfAborted();
      const reason = late.aborted ? `did not answer within ${timeoutMs} ms` : 'is unreachable';
      return clientProblem('CLIENT_UNREACHABLE', 0, `The desk ${reason}.`, error);
    }
  }
}

/** @returns undefined if a repetition does not help */
function waitBefore({ code, status, retryAfterMs }: DeskProblem, attempt: number): number | undefined {
  if (status === 0) return spread(BACKOFF_MS * 2 ** (attempt - 1));
  // The attempt before, whose connection broke, may still be in progress.
  const isTemporary = status === 429 || status === 503 || code === 'IDEMPOTENCY_IN_PROGRESS';
  if (!isTemporary || retryAfterMs === undefined || retryAfterMs > MAX_WAIT_MS) return undefined;
  return spread(retryAfterMs);
}

/** Adds up to a fifth, so that clients that were refused together do not return together. */
function spread(ms: number): number {
  return ms * (1 + Math.random() / 5);
}

async function read(response: Response, path: string): Promise<unknown> {
  const text = await response.text();
  const type = response.headers.get('content-type') ?? '';
  const json = type.includes('json');
  let value: unknown;
  try {
    value = json && text !== '' ? JSON.parse(text) : text;
  } catch {
    return unreadable(response, text);
  }
  // No route of a desk answers a page. A proxy that wants a sign-in of its own does, with status 200.
  if (type.includes('html')) return unreadable(response, text);
  if (response.ok) return text === '' && !json ? undefined : value;
  // A desk that is not well answers 503 with the parts of its health.
  if (json && path.startsWith('/health') && !isProblemDocument(value)) return value;
  if (!isProblemDocument(value)) return unreadable(response, text);
  return new DeskProblem(withRetryAfter(value, response));
}

/** The document has milliseconds, the header only seconds. */
function withRetryAfter(document: ProblemDocument, { headers }: Response): ProblemDocument {
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  if (document.retryAfterMs !== undefined || Number.isNaN(seconds)) return document;
  return { ...document, retryAfterMs: seconds * 1_000 };
}

function unreadable(response: Response, text: string): DeskProblem {
  const seen = text.slice(0, 100);
  const problem = clientProblem(
    'CLIENT_ANSWER_UNREADABLE',
    response.status,
    `The answer with status ${response.status} is not of a desk: ${seen}`,
  );
  return new DeskProblem(withRetryAfter(problem.document, response));
}

function headersOf(method: Method, { body, headers, idempotencyKey }: AnyInit): Headers {
  const all = new Headers({ accept: 'application/json' });
  if (body !== undefined && !isRaw(body)) all.set('content-type', 'application/json');
  if (method !== 'get') all.set('idempotency-key', idempotencyKey ?? crypto.randomUUID());
  for (const [name, value] of Object.entries(headers ?? {})) all.set(name, value);
  return all;
}

function isRaw(body: unknown): boolean {
  return (
    typeof body === 'string' ||
    body instanceof Blob ||
    body instanceof ArrayBuffer ||
    body instanceof Uint8Array ||
    body instanceof FormData
  );
}

function fill(path: string, params: Readonly<Record<string, unknown>> = {}): string {
  return path.replace(/\{([^}]+)\}/g, (_, name: string) => {
    if (params[name] === undefined) throw new TypeError(`${path} needs the parameter ${name}.`);
    return encodeURIComponent(String(params[name]));
  });
}

function queryText(query: Readonly<Record<string, unknown>> = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value])
      if (one !== undefined && one !== null) search.append(name, String(one));
  }
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}
