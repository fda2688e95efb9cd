import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { FastifyHelmetOptions } from '@fastify/helmet';
import { packageFile } from './package-file.js';

/** The live page's own inline script is allowed by its hash, so that no other one can run. */
export function securityHeaders(production: boolean): FastifyHelmetOptions {
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'", ...inlineScripts(readFileSync(packageFile('apps/console/index.html'), 'utf8'))],
        // Swagger's page sets styles inline as it goes; a style cannot call out with default-src 'self'.
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        objectSrc: ["'none'"],
      },
    },
    // Plain http on a desk's network must stay reachable in development.
    strictTransportSecurity: production,
  };
}

function inlineScripts(page: string): string[] {
  const scripts = page.matchAll(/<script>([\s\S]*?)<\/script>/g);
  return [...scripts].map(([, script]) => `'sha256-${createHash('sha256').update(script!).digest('base64')}'`);
}
