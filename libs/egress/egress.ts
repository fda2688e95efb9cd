import { Inject, Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { DomainError } from '#errors';
import { classifyError } from '#resilience';
import { AllowList } from './allow-list.js';
import { ACCEPTED_ENCODINGS, decoded, InflateRatioExceeded, readBounded } from './bounded-body.js';
import { egressConfig, type EgressConfig } from './egress.config.js';
import {
  badEncoding,
  egressRefused,
  exchangeFailed,
  exchangeTimedOut,
  inflatesTooMuch,
  isEgressRefused,
  tooLarge,
  tooManyRedirects,
  unresolved,
} from './egress.errors.js';
import { EXCHANGES } from './egress.metrics.js';
import { EgressPools } from './egress-pools.js';
import { HostResolver } from './host-resolver.js';
import { checkAddress, type CheckedUrl, checkUrlText, type UrlPolicyOptions } from './url-policy.js';

export interface EgressRequest {
  url: string;
  method: 'GET' | 'POST';
  headers?: Readonly<Record<string, string>>;
  body?: string | Uint8Array;
  /** Timeout of the whole exchange, from resolving the name to the last byte of the body, redirects included. In ms. */
  timeoutMs: number;
  /** Maximum response size after decompression, in bytes. */
  maxResponseBytes: number;
  /** A longer body is cut off, or fails (EGRESS_RESPONSE_TOO_LARGE). */
  onOverflow: 'truncate' | 'fail';
  /** Requests compression and decodes the body. False leaves the body as received. */
  decompress: boolean;
  /** Maximum number of redirects. 0 returns the 3xx answer. Only a GET follows redirects. */
  maxRedirects: number;
  /** Signal of the caller; its reason is thrown. */
  signal?: AbortSignal;
}

export interface EgressResponse {
  status: number;
  /** Lower-case names; repeated headers are joined by `, `. */
  headers: Record<string, string>;
  body: Buffer;
  truncated: boolean;
  durationMs: number;
  /** The URL that answered, after redirects. */
  url: string;
  /** Where the requested URL has moved for good: the last of the redirects 301 and 308 that no other one precedes. */
  movedTo: string | null;
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const PERMANENT = new Set([301, 308]);
const CREDENTIALS = /^(authorization|cookie|proxy-authorization|x-api-key)$/i;

/**
 * All requests to foreign hosts. Each URL, redirects included, is checked as text, resolved once, checked by every resolved
 * address, and connected to exactly these addresses (OWASP SSRF prevention). A URL that cannot be checked is refused.
 */
@Injectable()
export class Egress {
  /** E-mail address of the operator, for the User-Agent header. */
  readonly contact: string | undefined;
  private readonly policy: UrlPolicyOptions;

  constructor(
    @Inject(egressConfig.token) config: EgressConfig,
    private readonly resolver: HostResolver,
    private readonly pools: EgressPools,
    @InjectMetric(EXCHANGES) private readonly exchanges: Counter<'outcome'>,
  ) {
    this.contact = config.contact;
    const allowList = new AllowList();
    for (const entry of config.allowHosts) allowList.add(entry);
    this.policy = {
      allowHttp: config.allowHttp ?? process.env['NODE_ENV'] !== 'production',
      allowPrivate: config.allowPrivate,
      allowList,
    };
  }

  /** The User-Agent header of requests for this purpose, e.g. `feed reader`. */
  userAgent(purpose: string): string {
    return `Deskwire/1 (${[purpose, this.contact].filter(Boolean).join('; ')})`;
  }

  /** Adds a host of the desk at run time. @returns removes it again. @throws RangeError for an invalid entry */
  allow(entry: string): () => void {
    this.policy.allowList.add(entry);
    return () => this.policy.allowList.remove(entry);
  }

  /**
   * Checks whether a request would be allowed now. The request checks again, because names move.
   * @returns the parsed URL
   * @throws DomainError EGRESS_URL_INVALID, _SCHEME_, _USERINFO_, _PORT_, _HOST_, _ADDRESS_REFUSED (kind invalid), EGRESS_HOST_UNRESOLVED
   */
  async checkUrl(text: string): Promise<URL> {
    const checked = checkUrlText(text, this.policy);
    await this.addressesOf(checked);
    return checked.url;
  }

  /**
   * One exchange. Any status is an answer; a failure is a DomainError that `classifyError` understands.
   * @throws as checkUrl(); EGRESS_TIMED_OUT, EGRESS_FAILED, EGRESS_RESPONSE_TOO_LARGE, EGRESS_RESPONSE_INFLATES, EGRESS_ENCODING_INVALID,
   *   EGRESS_TOO_MANY_REDIRECTS; the signal's reason
   */
  async request(request: EgressRequest): Promise<EgressResponse> {
    const began = performance.now();
    const aborter = new AbortController();
    const leave = () => aborter.abort();
    const timer = setTimeout(leave, request.timeoutMs);
    request.signal?.addEventListener('abort', leave, { once: true });
    try {
      request.signal?.throwIfAborted();
      const answer = await this.followed(request, aborter.signal);
      this.exchanges.inc({ outcome: 'answered' });
      return { ...answer, durationMs: performance.now() - began };
    } catch (error) {
      request.signal?.throwIfAborted();
      const told = aborter.signal.aborted ? exchangeTimedOut(hostOf(request.url), request.timeoutMs) : error;
      this.exchanges.inc({ outcome: isEgressRefused(told) ? 'refused_by_policy' : classifyError(told) });
      throw told;
    } finally {
      clearTimeout(timer);
      request.signal?.removeEventListener('abort', leave);
    }
  }

  private async followed(request: EgressRequest, signal: AbortSignal): Promise<Omit<EgressResponse, 'durationMs'>> {
    let text = request.url;
    let headers = request.headers ?? {};
    let movedTo: string | null = null;
    let permanent = true;
    for (let hops = 0; ; hops += 1) {
      const { url, answer } = await this.hop(text, headers, request, signal);
      const location = answer.headers['location'];
      const redirected =
        REDIRECTS.has(answer.status) && location !== undefined && request.method === 'GET' && request.maxRedirects > 0;
      if (!redirected) return { ...answer, url: url.href, movedTo };
      if (hops >= request.maxRedirects) throw tooManyRedirects(url.hostname, request.maxRedirects);
      if (!URL.canParse(location, url.href))
        throw egressRefused('EGRESS_URL_INVALID', `${url.hostname} redirected to an invalid URL.`);
      const next = new URL(location, url.href);
      if (next.origin !== url.origin)
        headers = Object.fromEntries(Object.entries(headers).filter(([name]) => !CREDENTIALS.test(name)));
      text = next.href;
      permanent &&= PERMANENT.has(answer.status);
      if (permanent) movedTo = text;
    }
  }

  private async hop(
    text: string,
    headers: Readonly<Record<string, string>>,
    request: EgressRequest,
    signal: AbortSignal,
  ) {
    const checked = checkUrlText(text, this.policy);
    const { url } = checked;
    const addresses = await untilAborted(this.addressesOf(checked), signal);
    const pool = this.pools.pool(url.origin, addresses);
    try {
      const response = await pool.request({
        path: `${url.pathname}${url.search}`,
        method: request.method,
        headers: request.decompress ? { 'accept-encoding': ACCEPTED_ENCODINGS, ...headers } : headers,
        body: request.body ?? null,
        signal,
      });
      // An aborted or destroyed body emits its error even without a reader.
      response.body.on('error', () => undefined);
      const given = plain(response.headers);
      const stream = request.decompress ? decoded(response.body, given['content-encoding']) : response.body;
      const read = await readBounded(stream, request.maxResponseBytes);
      if (read.truncated && request.onOverflow === 'fail') throw tooLarge(url.hostname, request.maxResponseBytes);
      return { url, answer: { status: response.statusCode, headers: given, ...read } };
    } catch (error) {
      if (error instanceof DomainError) throw error;
      if (error instanceof InflateRatioExceeded) throw inflatesTooMuch(url.hostname, error);
      if (/^Z_|^ERR_.*(BROTLI|PADDING)/.test((error as { code?: string }).code ?? ''))
        throw badEncoding(url.hostname, error);
      throw exchangeFailed(url.hostname, classifyError(error), error);
    }
  }

  /** Resolves the name once. Every address must pass, because the connection may use any of them. */
  private async addressesOf({ url, literal }: CheckedUrl): Promise<string[]> {
    if (literal !== undefined) return [literal];
    const name = url.hostname;
    let addresses: string[];
    try {
      addresses = await this.resolver.resolve(name);
    } catch (cause) {
      throw unresolved(name, cause);
    }
    if (addresses.length === 0) throw unresolved(name, undefined);
    for (const address of addresses) checkAddress(url, address, this.policy);
    return addresses;
  }
}

/** Stops waiting at the abort; a running resolver cannot be stopped. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const gone = Promise.withResolvers<never>();
  const leave = () => gone.reject(signal.reason);
  signal.addEventListener('abort', leave, { once: true });
  try {
    return await Promise.race([work, gone.promise]);
  } finally {
    signal.removeEventListener('abort', leave);
    work.catch(() => undefined);
  }
}

function plain(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  );
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : 'the host';
}

/** The delay of a Retry-After header in ms: seconds, or a date (RFC 9110 10.2.3). Undefined if it is neither. */
export function retryAfterMs(header: string | undefined, now = new Date()): number | undefined {
  if (header === undefined) return undefined;
  const written = header.trim();
  if (/^\d{1,9}$/.test(written)) return Number(written) * 1_000;
  const at = /^[A-Z][a-z]{2}, /.test(written) ? Date.parse(written) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - now.getTime());
}
