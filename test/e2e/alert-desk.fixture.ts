import { randomUUID } from 'node:crypto';
import { DeliveryLanes } from '#deliveries';
import { EventLog } from '#events';
import { startTestApp } from '../setup/test-app.js';

type Caller = { token: string } | undefined;

export type AlertDesk = Awaited<ReturnType<typeof alertDesk>>;

/** A desk with three users, whose rules match events of one type. @param type a declared type with a `title` */
export async function alertDesk(type: string) {
  const app = await startTestApp();
  const priceRule = { name: 'Prices', severity: 'warning', condition: { op: 'equals', field: 'type', value: type } };
  const call = (who: Caller, method: string, path: string, body?: unknown) =>
    app.request(method, path, { ...(who && { token: who.token }), ...(body !== undefined && { body }) });
  return {
    app,
    priceRule,
    call,
    me: await app.login('trader'),
    other: await app.login('trader'),
    operator: await app.login('operator'),
    write: async (who: { token: string }, more: object) =>
      (await call(who, 'POST', '/v1/alert-rules', { ...priceRule, ...more })).body as { id: string },
    record: (title: string, more: object = {}) => app.get(EventLog).record({ type, payload: { title, ...more } }),
    /** Adds an endpoint. @param userId its owner; null: the desk */
    lane: async (userId: string | null): Promise<string> => {
      const endpointId = randomUUID();
      await app.get(DeliveryLanes).put({
        ...{
          endpointId,
          channel: 'spec',
          format: 'slack',
          userId,
          operator: false,
          concurrency: 1,
          ratePerSecond: null,
        },
      });
      return endpointId;
    },
  };
}
