import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';

/** The routes that answer HTML: a browser may load and run what these need. */
export interface Pages {
  /** The HTML of the page at a path, whose inline scripts are allowed by their hash; '' for a page made elsewhere; undefined for what is no page. */
  htmlAt(url: string): string | undefined;
}

/** For everything that is not a page: should a browser show it, nothing in it may load or run. */
const DATA_POLICY = "default-src 'none'; frame-ancestors 'none'";

/** Answers to reads belong to one user, and a cache must revalidate them. */
const READ = 'private, no-cache';

/** Answers to other methods may carry a token, a key or a password. */
const WRITTEN = 'no-store';

/**
 * Sets the headers that every answer has unless its handler sets another: Cache-Control, and the security headers of
 * helmet. They are made once: helmet 8 builds the policy for every request, which was 8 % of the time of a cached
 * dashboard. Headers that only old browsers read are left out.
 */
export function setDefaultHeaders(fastify: FastifyInstance, pages: Pages, production: boolean): void {
  const usual = {
    'content-security-policy': DATA_POLICY,
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    // In development the desk must stay reachable over plain HTTP.
    ...(production ? { 'strict-transport-security': 'max-age=31536000; includeSubDomains' } : {}),
  };
  const read = { ...usual, 'cache-control': READ };
  const written = { ...usual, 'cache-control': WRITTEN };
  const ofPages = new Map<string, typeof read>();
  const ofPage = (html: string) => {
    let headers = ofPages.get(html);
    if (headers === undefined) ofPages.set(html, (headers = { ...read, 'content-security-policy': pagePolicy(html) }));
    return headers;
  };
  fastify.addHook('onRequest', (request, reply, done) => {
    const { method, url } = request;
    const html = pages.htmlAt(url);
    reply.headers(html !== undefined ? ofPage(html) : method === 'GET' || method === 'HEAD' ? read : written);
    done();
  });
}

/** Allows the page's own inline scripts by their hash, so no other script can run. */
function pagePolicy(html: string): string {
  const scripts = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(
    ([, script]) => `'sha256-${createHash('sha256').update(script!).digest('base64')}'`,
  );
  return [
    "default-src 'self'",
    [`script-src 'self'`, ...scripts].join(' '),
    // Swagger UI sets inline styles while it runs. With default-src 'self' a style cannot load anything from elsewhere.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}
