import { z } from 'zod';
import { configSlice, env, integer, list, flag, text, type SliceValue } from '#config';

export const apiConfig = configSlice('api', {
  nodeEnv: env(
    'NODE_ENV',
    z.enum(['development', 'test', 'production'], { error: 'development, test or production' }).default('development'),
    'production refuses missing and weak secrets',
  ),
  home: env('DESKWIRE_HOME', text('.deskwire'), 'Where development keeps its database and secrets'),
  demo: env(
    'DESKWIRE_DEMO',
    flag(),
    'A desk of made data that moves; on by default only while embedded in development',
  ),
  host: env('HOST', text('127.0.0.1'), 'Address to listen on'),
  port: env('PORT', integer(3000, 0, 65_535), 'Port to listen on; 0 takes a free one'),
  trustProxy: env('HTTP_TRUST_PROXY', list(''), 'Addresses or networks of proxies whose X-Forwarded-For is believed'),
  corsOrigins: env('HTTP_CORS_ORIGINS', list(''), 'Origins that browsers may call from; none by default'),
  publicUrl: env(
    'PUBLIC_URL',
    z.url({ protocol: /^https?$/, error: 'an http or https URL' }).optional(),
    'The URL users reach the desk at. It may have a path, such as https://example.com/desk, when a proxy serves the desk there',
  ),
});

export type ApiConfig = SliceValue<typeof apiConfig>;
