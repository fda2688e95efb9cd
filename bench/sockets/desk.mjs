// The desk with its production settings, in a process of its own. Its heartbeats are rare, because the clients answer none.
import { eventFrame, LiveSockets } from '#realtime';
import { realtimeConfig } from '#realtime/config';
import { obey } from './commands.mjs';

const { startApp } = await import(new URL('../../dist/apps/api/start-app.js', import.meta.url).href);
const desk = await startApp(
  {
    NODE_ENV: 'production',
    DATABASE_URL: process.env.DATABASE_URL,
    PORT: '0',
    JWT_SECRET_KEY: 'Zx8-socket-bench-only-Qm4vT2rLw9Kp7',
    SESSIONS_ENCRYPTION_KEY: '9f2c4e7a1b8d3f60'.repeat(2) + '5a0d7c3e8b1f4926'.repeat(2),
    WEBHOOK_ENCRYPTION_KEY: '1d7f3a9c5e2b8046'.repeat(2) + '6c0e4a8f2d9b7153'.repeat(2),
    ADMIN_EMAIL: 'admin@example.com',
    ADMIN_PASSWORD: process.env.BENCH_PASSWORD,
    DESKWIRE_ROLE: 'web',
    REALTIME_MAX_CONNECTIONS: '10000',
    REALTIME_MAX_PER_USER: '10000',
    HTTP_MAX_PER_ADDRESS: '10000',
    LOG_LEVEL: 'warn',
    LOG_FORMAT: 'json',
  },
  [realtimeConfig.with({ pingIntervalMs: 600_000 })],
);
await desk.ready;
const sockets = desk.app.get(LiveSockets);
obey(
  () => [...sockets.all][0].socket.nsp.server.engine,
  (payload) => {
    const frame = eventFrame('/dashboard', 'dashboard:delta', JSON.stringify(payload));
    for (const live of sockets.all) sockets.offer(live, frame);
  },
);
process.send({ url: desk.url });
