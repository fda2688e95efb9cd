import { z } from 'zod';
import { configSlice, env, flag, integer, list, type SliceValue, text } from '#config';

export const apiConfig = configSlice('api', {
  nodeEnv: env(
    'NODE_ENV',
    z.enum(['development', 'test', 'production'], { error: 'development, test or production' }).default('development'),
    'In production a missing or weak secret, or a missing DATABASE_URL, stops the start',
  ),
  home: env(
    'DESKWIRE_HOME',
    text('.deskwire'),
    'Folder of the embedded PostgreSQL and of generated secrets (development)',
  ),
  demo: env('DESKWIRE_DEMO', flag(), 'Runs the demo desk. Unset: only in development with the embedded PostgreSQL'),
  host: env('HOST', text('127.0.0.1'), 'Address to listen on'),
  port: env('PORT', integer(3000, 0, 65_535), 'Port to listen on. 0 takes a free port'),
  publicUrl: env(
    'PUBLIC_URL',
    z.url({ protocol: /^https?$/, error: 'an http or https URL' }).optional(),
    'URL at which users reach the desk. It may have a path, such as https://example.com/desk, when a proxy serves the desk there',
  ),
  trustProxy: env(
    'HTTP_TRUST_PROXY',
    list(),
    'Addresses or networks of proxies whose X-Forwarded-For header is trusted, comma-separated',
  ),
  corsOrigins: env(
    'HTTP_CORS_ORIGINS',
    list(),
    'Other origins whose pages may call the API and open sockets, comma-separated',
    { formerly: 'REALTIME_ORIGINS' },
  ),
});

export type ApiConfig = SliceValue<typeof apiConfig>;
