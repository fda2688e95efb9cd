import { jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { OutcomeRecorder } from './outcome-recorder.js';

const delivery = { id: 'd1', attempt: 1, createdAt: new Date(), channel: 'webhook', endpointId: 'e1' } as never;
const delivered = { kind: 'delivered', statusCode: 204, latencyMs: 5, responseBody: '' } as never;

/** A recorder whose writes fail with these errors in turn, and then succeed. */
function recorderAfter(failure: (write: number) => Error | undefined) {
  const written: number[] = [];
  const dropped: number[] = [];
  let writes = 0;
  const recorder = new OutcomeRecorder(
    {
      write: (_owner: string, { length }: { length: number }) => {
        const error = failure(++writes);
        if (error === undefined) written.push(length);
        return error === undefined ? Promise.resolve() : Promise.reject(error);
      },
    } as never,
    { owner: 'me', drop: () => dropped.push(writes) } as never,
    { wake: () => undefined } as never,
    { observe: () => undefined } as never,
  );
  return { recorder, written, dropped, count: () => writes };
}

const refused = () => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

describe('the recorder of outcomes', () => {
  beforeAll(() => Logger.overrideLogger(false));
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('the recorder of outcomes keeps an outcome for as long as PostgreSQL is away, so that its delivery is not sent again', async () => {
    let away = true;
    const { recorder, written, dropped, count } = recorderAfter(() => (away ? refused() : undefined));
    recorder.add(delivery, delivered);
    await jest.advanceTimersByTimeAsync(60_000);
    expect([count() > 20, written, dropped]).toEqual([true, [], []]);
    away = false;
    await jest.advanceTimersByTimeAsync(2_000);
    expect([written, dropped.length]).toEqual([[1], 1]);
  });

  it('the recorder of outcomes gives up on other errors after five attempts and one for each row', async () => {
    const { recorder, dropped, count } = recorderAfter(() => new TypeError('a fault of ours'));
    recorder.add(delivery, delivered);
    await jest.advanceTimersByTimeAsync(60_000);
    expect([count(), dropped.length]).toEqual([6, 1]);
  });

  it('a stop does not wait for a PostgreSQL that is away', async () => {
    const { recorder, count } = recorderAfter(refused);
    recorder.add(delivery, delivered);
    const drained = recorder.drain();
    await jest.advanceTimersByTimeAsync(60_000);
    await drained;
    expect(count()).toBe(6);
  });
});
