import { traceLengthMs, traceOf, type TraceParts } from './trace.js';

const at = (second: number) => new Date(Date.parse('2026-11-26T17:00:00.000Z') + second * 1_000).toISOString();
const parts: TraceParts = {
  events: [
    {
      ...{ id: 'r', type: 'SecurityActRecorded', causationId: null, occurredAt: at(0), recordedAt: at(0) },
      payload: { action: 'webhook_added', actorVia: 'login', subjectKind: 'webhook' },
    },
    { id: 'e2', type: 'WebhookDegraded', causationId: 'e1', payload: {}, occurredAt: at(2), recordedAt: at(2) },
    { id: 'e1', type: 'NewsPublished', causationId: null, payload: {}, occurredAt: at(-89), recordedAt: at(1) },
  ],
  alerts: [
    {
      ...{ id: 'a', eventId: 'e1', title: 'Halted', severity: 'critical', ruleName: 'Halts' },
      ...{ raisedAt: at(1.2), deferredUntil: null },
    },
  ],
  deliveries: [
    {
      ...{ id: 'd', alertId: 'a', endpointId: 'hook', status: 'delivered', createdAt: at(1.3), settledAt: at(6) },
      log: [
        { attempt: 2, at: at(6), outcome: 'delivered', statusCode: 204, errorClass: null, latencyMs: 100 },
        { attempt: 1, at: at(2), outcome: 'failed', statusCode: null, errorClass: 'timeout', latencyMs: 500 },
      ],
    },
  ],
};

describe('the trace of a correlation id', () => {
  it('the trace puts each step below its cause, from the request to the attempts of the webhook', () => {
    const rows = traceOf(parts, (id) => `endpoint ${id}`);
    expect(rows.map(({ id, depth, offsetMs, lengthMs }) => [id, depth, offsetMs, lengthMs])).toEqual([
      ['r', 0, 0, 0],
      ['e1', 1, 1_000, 0],
      ['a', 2, 1_200, 0],
      ['d', 3, 1_300, 4_700],
      ['d:1', 4, 1_500, 500],
      ['d:2', 4, 5_900, 100],
      ['e2', 2, 2_000, 0],
    ]);
    expect(rows.map(({ tone }) => tone)).toEqual(['plain', 'info', 'bad', 'good', 'bad', 'good', 'info']);
    expect(rows[0]).toMatchObject({ title: 'webhook added', detail: 'webhook, by login' });
    expect(rows[3]!.title).toBe('endpoint hook');
    expect(rows[1]!.detail).toBe('occurred 2 min before it was recorded');
    expect(traceLengthMs(rows)).toBe(6_000);
  });

  it('the trace shows steps whose cause is unknown at its top', () => {
    const rows = traceOf({ ...parts, events: [] }, (id) => id);
    expect(rows.map(({ id, depth }) => [id, depth])).toEqual([
      ['a', 0],
      ['d', 1],
      ['d:1', 2],
      ['d:2', 2],
    ]);
    expect(traceOf({ events: [], alerts: [], deliveries: [] }, (id) => id)).toEqual([]);
    expect(traceLengthMs([])).toBe(0);
  });
});
