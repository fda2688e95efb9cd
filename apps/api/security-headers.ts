import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { packageFile } from './package-file.js';

/** Of everything that is no page: nothing in it may load or run, should a browser be brought to show it. */
const DATA_POLICY = "default-src 'none'; frame-ancestors 'none'";

/**
 * What helmet would set, made once: helmet 8 puts the policy together anew for every request, which was 8 % of a
 * cached dashboard's time. Headers that only old browsers read are left out.
 */
export function setSecurityHeaders(fastify: FastifyInstance, production: boolean): void {
  const usual = {
    'content-security-policy': DATA_POLICY,
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    // Plain http on a desk's network must stay reachable in development.
    ...(production ? { 'strict-transport-security': 'max-age=31536000; includeSubDomains' } : {}),
  };
  const ofPages = {
    ...usual,
    'content-security-policy': pagePolicy(readFileSync(packageFile('apps/console/index.html'), 'utf8')),
  };
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.headers(isPage(request.url) ? ofPages : usual);
    done();
  });
}

function isPage(url: string): boolean {
  return url === '/' || url.startsWith('/?') || url.startsWith('/docs');
}

/** The live page's own inline script is allowed by its hash, so that no other one can run. */
function pagePolicy(page: string): string {
  const scripts = [...page.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(
    ([, script]) => `'sha256-${createHash('sha256').update(script!).digest('base64')}'`,
  );
  return [
    "default-src 'self'",
    `script-src 'self' ${scripts.join(' ')}`.trimEnd(),
    // Swagger's page sets styles inline as it goes; a style cannot call out with default-src 'self'.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}
