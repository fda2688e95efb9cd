// The desk with its production settings, in a process of its own.
import { tellCpu } from './cpu.mjs';

const { collectRarely } = await import(new URL('../../dist/apps/api/heap-growth.js', import.meta.url).href);
collectRarely();
const { startApp } = await import(new URL('../../dist/apps/api/start-app.js', import.meta.url).href);
const app = await startApp({
  NODE_ENV: 'production',
  DATABASE_URL: process.env.DATABASE_URL,
  PORT: '0',
  JWT_SECRET_KEY: 'Zx8-floor-bench-only-Qm4vT2rLw9Kp7',
  SESSIONS_ENCRYPTION_KEY: '9f2c4e7a1b8d3f60'.repeat(2) + '5a0d7c3e8b1f4926'.repeat(2),
  WEBHOOK_ENCRYPTION_KEY: '1d7f3a9c5e2b8046'.repeat(2) + '6c0e4a8f2d9b7153'.repeat(2),
  ADMIN_EMAIL: 'admin@example.com',
  ADMIN_PASSWORD: process.env.BENCH_PASSWORD,
  THROTTLING_MAX_LOGINS: '1000000',
  THROTTLING_MAX_READS: '1000000000',
  THROTTLING_MAX_WRITES: '1000000000',
  THROTTLING_MAX_BULK_WRITES: '1000000000',
  REALTIME_MAX_CONNECTIONS: '10000',
  REALTIME_MAX_PER_USER: '10000',
  HTTP_MAX_PER_ADDRESS: '10000',
  LOG_LEVEL: 'warn',
  LOG_FORMAT: 'json',
});
await app.ready;
tellCpu();
process.send({ url: app.url });
