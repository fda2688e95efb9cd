// A worker of pg-boss, as its documentation advises for speed: batches, several at a time, polled as often as it allows.
import PgBoss from 'pg-boss';
import { CONCURRENCY, SignedPost } from './message.mjs';

process.on('disconnect', () => process.exit());
const boss = new PgBoss({ connectionString: process.env.DATABASE_URL, max: 10 });
boss.on('error', () => undefined);
await boss.start();
const post = new SignedPost();
for (let n = 0; n < 4; n++) {
  await boss.work('bench', { batchSize: CONCURRENCY / 2, pollingIntervalSeconds: 0.5 }, async (jobs) => {
    await Promise.all(jobs.map(({ data }) => post.send(data.messageId, data.body)));
  });
}
process.send('ready');
