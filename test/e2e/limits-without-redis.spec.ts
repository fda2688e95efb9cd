import { startTestApp } from '../setup/test-app.js';
import { outcome } from './sockets.fixture.js';

const WRITES = 12;
const PER_USER = 6;

describe('two processes without Redis', () => {
  it('give a user every limit twice (negative control)', async () => {
    const env = { THROTTLING_MAX_WRITES: String(WRITES), REALTIME_MAX_PER_USER: String(PER_USER) };
    const first = await startTestApp({ env });
    const desks = [first, await startTestApp({ env, database: first.database })];
    const { token } = await first.login('trader');
    let [written, opened] = [0, 0];
    for (let n = 0; n < 2 * WRITES; n++)
      for (const desk of desks)
        if ((await desk.request('PUT', '/v1/sessions', { token, body: {} })).status !== 429) written += 1;
    for (let n = 0; n < 2 * PER_USER; n++)
      for (const desk of desks) if ((await outcome(desk.socket(token))) === 'connected') opened += 1;
    expect([written, opened]).toEqual([2 * WRITES, 2 * PER_USER]);
    for (const desk of desks.reverse()) await desk.close();
  });
});
