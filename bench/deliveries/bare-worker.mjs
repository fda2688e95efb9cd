// A worker of the bare queue: one table, SKIP LOCKED, one statement to claim and one to finish.
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { CONCURRENCY, SignedPost } from './message.mjs';

process.on('disconnect', () => process.exit());
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 4 });
const post = new SignedPost();
let free = CONCURRENCY;
let done = [];

async function finish() {
  const ids = done;
  done = [];
  const text = `UPDATE bare_queue SET status = 'delivered' WHERE id = ANY ($1)`;
  if (ids.length > 0) await pool.query({ name: 'finish', text, values: [ids] });
}

const CLAIM = {
  name: 'claim',
  text: `UPDATE bare_queue SET status = 'sending', lease_until = now() + interval '20 s' WHERE id IN (
           SELECT id FROM bare_queue WHERE status = 'pending' ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED) RETURNING id, message_id, body`,
};

setInterval(() => void finish(), 20);
process.send('ready');
for (;;) {
  if (free < CONCURRENCY / 4) {
    await pause(1);
    continue;
  }
  const { rows } = await pool.query({ ...CLAIM, values: [free] });
  if (rows.length === 0) await pause(5);
  for (const row of rows) {
    free -= 1;
    void post.send(row.message_id, row.body).then(() => {
      free += 1;
      done.push(row.id);
      if (done.length >= 100) void finish();
    });
  }
}
