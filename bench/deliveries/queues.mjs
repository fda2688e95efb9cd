// The three compared queues. Each stores `total` messages, reports the number of finished ones, and cleans up.
import { randomUUID } from 'node:crypto';
import PgBoss from 'pg-boss';
import { Transactions } from '#database';
import { DeliveryQueue } from '#deliveries';
import { BODY } from './message.mjs';

export function deskwire(pool, web, endpoints) {
  const delivery = (n) => ({
    alertId: null,
    endpointId: endpoints[n % endpoints.length],
    messageId: randomUUID(),
    body: BODY,
  });
  return {
    worker: 'desk-worker.mjs',
    prepare: () => undefined,
    fill: (total) =>
      web
        .get(Transactions)
        .atomic(() =>
          web.get(DeliveryQueue, { strict: false }).enqueue(Array.from({ length: total }, (_, n) => delivery(n))),
        ),
    finished: () => count(pool, `SELECT count(*) FROM alert_delivery_queue WHERE status = 'delivered'`),
    clean: () => pool.query('TRUNCATE alert_delivery_queue, delivery_attempts'),
  };
}

export function bare(pool) {
  return {
    worker: 'bare-worker.mjs',
    prepare: async () => {
      await pool.query(
        `CREATE TABLE bare_queue (id uuid PRIMARY KEY DEFAULT uuidv7(), message_id text NOT NULL, body text NOT NULL, status text NOT NULL DEFAULT 'pending', lease_until timestamptz)`,
      );
      await pool.query(`CREATE INDEX ON bare_queue (id) WHERE status = 'pending'`);
    },
    fill: (total) =>
      pool.query(
        `INSERT INTO bare_queue (message_id, body) SELECT uuidv7()::text, $1 FROM generate_series(1, $2::integer)`,
        [BODY, total],
      ),
    finished: () => count(pool, `SELECT count(*) FROM bare_queue WHERE status = 'delivered'`),
    clean: () => pool.query('DROP TABLE bare_queue'),
  };
}

export function pgBoss(pool) {
  let client;
  return {
    worker: 'pg-boss-worker.mjs',
    prepare: async () => {
      const connectionString = process.env.DATABASE_URL;
      client = new PgBoss({ connectionString, max: 2, supervise: false, schedule: false });
      client.on('error', () => undefined);
      await client.start();
      await client.createQueue('bench');
    },
    fill: (total) =>
      client.insert(
        Array.from({ length: total }, () => ({ name: 'bench', data: { messageId: randomUUID(), body: BODY } })),
      ),
    finished: () => count(pool, `SELECT count(*) FROM pgboss.job WHERE state = 'completed'`),
    clean: async () => {
      await client.stop({ graceful: false });
      await pool.query('DROP SCHEMA pgboss CASCADE');
    },
  };
}

async function count(pool, sql) {
  return Number((await pool.query(sql)).rows[0].count);
}
