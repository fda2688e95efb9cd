import { Database, Transactions } from '#database';
import { DeliveryQueue } from '#deliveries';
import { Receiver } from '../integration/deliveries/receiver.fixture.js';
import { eventually } from '../setup/eventually.js';
import { startTestApp } from '../setup/test-app.js';
import { createTestDatabase } from '../setup/test-database.js';
import { testEnvironment } from '../setup/test-environment.js';
import { buildIfStale } from '../setup/build-if-stale.js';
import { DeskFolder } from './desk-process.fixture.js';

const ENDPOINTS = 4;
const EACH = 20;

describe('`deskwire serve`, told to stop (SIGTERM) with deliveries in flight', () => {
  beforeAll(buildIfStale, 120_000);

  it('SIGTERM with deliveries in flight finishes answered ones, releases the others, and exits with 0', async () => {
    const database = await createTestDatabase();
    const receiver = await Receiver.start();
    const desk = new DeskFolder();
    const settings = { EGRESS_ALLOW_PRIVATE: 'true' };
    const web = await startTestApp({ database, env: { ...settings, DESKWIRE_ROLE: 'web' } });
    try {
      const { token } = await web.login('operator');
      const endpoints: string[] = [];
      for (let n = 0; n < ENDPOINTS; n++)
        endpoints.push(
          (await web.request('POST', '/v1/webhooks', { token, body: { url: `${receiver.url}/${n}`, desk: true } })).body
            .id,
        );
      // One hangs, one is answered only after the stop has begun, and the others at once.
      const late: (() => void)[] = [];
      receiver.answers.set('0', () => undefined);
      receiver.answers.set('1', (_receipt, response) => void late.push(() => response.writeHead(204).end()));
      await web.get(Transactions).atomic(() =>
        web.get(DeliveryQueue).enqueue(
          endpoints.flatMap((endpointId, e) =>
            Array.from({ length: EACH }, (_, n) => ({
              alertId: null,
              endpointId,
              messageId: `${e}-${n}`,
              body: '{}',
            })),
          ),
        ),
      );
      const served = desk.serve({
        ...(testEnvironment(database.url, settings) as Record<string, string>),
        DESKWIRE_ROLE: 'worker',
      });
      await eventually(() =>
        expect([receiver.of('0').length > 0, late.length > 0, receiver.of('2').length]).toEqual([true, true, EACH]),
      );
      served.kill('SIGTERM');
      for (const answer of late.splice(0)) answer();
      expect(await served.exit).toBe(0);
      const sending = await web.get(Database).rows(`SELECT FROM alert_delivery_queue WHERE status = 'sending'`);
      expect(sending).toEqual([]);

      receiver.answers.clear();
      const next = await startTestApp({ database, env: { ...settings, DESKWIRE_ROLE: 'worker' } });
      await eventually(async () =>
        expect(await web.get(Database).rows(`SELECT FROM alert_delivery_queue WHERE status <> 'delivered'`)).toEqual(
          [],
        ),
      );
      await next.close();
      // Only deliveries in flight at the two hanging endpoints, ten each, came twice, because their outcome was
      // unknown.
      const times = Map.groupBy(receiver.receipts, ({ messageId }) => messageId);
      expect(times.size).toBe(ENDPOINTS * EACH);
      const twice = [...times].filter(([, receipts]) => receipts.length > 1).map(([messageId]) => messageId);
      expect(twice.length).toBeLessThanOrEqual(20);
      expect(twice.filter((messageId) => messageId.startsWith('2-') || messageId.startsWith('3-'))).toEqual([]);
    } finally {
      desk.remove();
      await web.close();
      await receiver.stop();
      await database.drop();
    }
  });
});
