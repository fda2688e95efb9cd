import { Inject, Injectable } from '@nestjs/common';
import { Egress, type EgressResponse, HostPace, retryAfterMs } from '#egress';
import { classifyStatus, Policies } from '#resilience';
import { errorPageOf } from '../formats/error-page.js';
import { feedsConfig, type FeedsConfig } from '../feeds.config.js';
import { badStatus, errorPage, feedGone, secretUnknown } from '../feeds.errors.js';
import { secretNameOf } from '../sources/source-credentials.js';
import type { SourceRow } from '../sources/source-row.js';

/** One answer of a source, or a recorded one. */
export interface FeedPage {
  body: Buffer;
  contentType?: string | undefined;
  status: number;
  /** True if the response was longer than `maxBytes`. */
  truncated: boolean;
  etag: string | null;
  lastModified: string | null;
  /** The URL that answered. Undefined: that of the source. */
  url?: string;
  /** Where the requested URL has moved for good. */
  movedTo?: string | null;
}

const ACCEPT = {
  rss: 'application/rss+xml, application/atom+xml;q=0.9, application/xml;q=0.8, text/xml;q=0.8, */*;q=0.1',
  atom: 'application/atom+xml, application/rss+xml;q=0.9, application/xml;q=0.8, text/xml;q=0.8, */*;q=0.1',
  edgar: 'application/atom+xml, text/xml;q=0.8, */*;q=0.1',
  'json-feed': 'application/feed+json, application/json;q=0.9, */*;q=0.1',
  'quotes-csv': 'text/csv, */*;q=0.1',
  'quotes-json': 'application/json, */*;q=0.1',
} as const;

/** Number of leading bytes that are searched for an error page. */
export const TEXT_LOOKED_AT = 100_000;

/** Requests a source: checked by #egress, at the pace of its host, and behind the circuit breaker of its host. */
@Injectable()
export class FeedFetcher {
  constructor(
    private readonly egress: Egress,
    private readonly pace: HostPace,
    private readonly policies: Policies,
    @Inject(feedsConfig.token) private readonly config: FeedsConfig,
  ) {}

  /**
   * @param conditional request only content newer than the last
   * @returns null if not modified (304)
   * @throws DomainError FEEDS_HTTP_STATUS, FEEDS_GONE, FEEDS_RATE_EXCEEDED, FEEDS_CONTACT_REQUIRED, and those of #egress and #resilience
   */
  async fetch(source: SourceRow, url: string, conditional: boolean, signal: AbortSignal): Promise<FeedPage | null> {
    const { host } = new URL(url);
    await this.pace.wait(host, source.requestsPerSecond, signal);
    // No retries, because the next cycle is one. The policy's timeout exceeds the one of the request, whose error says
    // more.
    const policy = this.policies.policy(`feed:${host}`, { retries: 0, timeoutMs: this.config.timeoutMs + 1_000 });
    return policy.execute(
      async (own) => {
        const response = await this.egress.request({
          url,
          method: 'GET',
          headers: this.headersOf(source, conditional),
          timeoutMs: this.config.timeoutMs,
          maxResponseBytes: this.config.maxBytes,
          onOverflow: 'truncate',
          decompress: true,
          maxRedirects: this.config.maxRedirects,
          signal: own,
        });
        return pageOf(response, !source.url.includes('{keys}'));
      },
      { signal },
    );
  }

  private headersOf(source: SourceRow, conditional: boolean): Record<string, string> {
    const own = Object.entries(source.headers).map(
      ([name, value]) => [name.toLowerCase(), this.valueOf(value)] as const,
    );
    return {
      accept: ACCEPT[source.kind],
      'user-agent': this.egress.userAgent('feed reader'),
      ...Object.fromEntries(own),
      ...(conditional && source.etag !== null ? { 'if-none-match': source.etag } : {}),
      ...(conditional && source.lastModified !== null ? { 'if-modified-since': source.lastModified } : {}),
    };
  }

  /** Resolves `secret:acme` to the value of acme in FEEDS_SECRETS, so the database holds no credential. */
  private valueOf(value: string): string {
    const name = secretNameOf(value);
    if (name === undefined) return value;
    const pairs = (this.config.secrets?.reveal() ?? '').split(',').map((pair) => pair.trim());
    const found = pairs.find((pair) => pair.startsWith(`${name}=`));
    if (found === undefined) throw secretUnknown(name);
    return found.slice(name.length + 1);
  }
}

/** @param isWhole the request is for the whole source, and not for some of its keys */
function pageOf(response: EgressResponse, isWhole: boolean): FeedPage | null {
  const { status, headers, body, truncated, url, movedTo } = response;
  if (status === 304) return null;
  if (status < 200 || status > 299) {
    // The SEC answers an exceeded rate with 403, 429 or 200, so the text of the page decides.
    const page = errorPageOf(body.subarray(0, TEXT_LOOKED_AT).toString('latin1'));
    if (page?.kind === 'rate-exceeded' || page?.kind === 'undeclared-tool') throw errorPage(page);
    // Of some keys among many, 410 says nothing about the others.
    if (status === 410 && isWhole) throw feedGone(new URL(url).host);
    throw badStatus(status, classifyStatus(status), retryAfterMs(headers['retry-after']));
  }
  return {
    body,
    contentType: headers['content-type'],
    status,
    truncated,
    etag: headers['etag'] ?? null,
    lastModified: headers['last-modified'] ?? null,
    url,
    movedTo,
  };
}
