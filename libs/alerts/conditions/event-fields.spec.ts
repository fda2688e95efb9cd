import { z } from 'zod';
import { EventFields } from './event-fields.js';
import { type AlertEvent, textsAt } from './event-view.js';

const payload = z.object({
  title: z.string().nullable(),
  count: z.int().optional(),
  severity: z.enum(['low', 'high']),
  fixed: z.literal(5),
  tickers: z.array(z.string()),
  filers: z.array(z.strictObject({ cik: z.string(), ticker: z.string().nullable() })),
  price: z.union([z.string(), z.object({ amount: z.string() })]),
  extra: z.looseObject({ known: z.boolean() }),
  byVenue: z.record(z.string(), z.object({ last: z.string() })),
  anything: z.unknown(),
  pair: z.tuple([z.string(), z.object({ at: z.string() })]),
  nothing: z.null(),
});
const sample: z.input<typeof payload> = {
  ...{ title: 'Merger', count: 3, severity: 'low', fixed: 5, tickers: ['AAPL', 'MSFT'], nothing: null },
  ...{ filers: [{ cik: '1', ticker: 'AAPL' }], price: { amount: '1.5' }, extra: { known: true, more: { deep: 'x' } } },
  ...{ byVenue: { nasdaq: { last: '9' } }, anything: { a: [{ b: 'c' }] }, pair: ['x', { at: 'y' }] },
};
const event = { type: 'Spec', broker: 'b', userId: 'u', instrumentId: 'i', payload: sample } as unknown as AlertEvent;
const [fields] = EventFields.of([{ type: 'Spec', payload }]);

describe('the fields of a type of event', () => {
  it.each([
    ...['type', 'broker', 'userId', 'instrumentId', 'payload.title', 'payload.count', 'payload.severity'],
    ...['payload.fixed', 'payload.tickers', 'payload.tickers.0', 'payload.filers.ticker', 'payload.filers.0.cik'],
    ...['payload.price.amount', 'payload.extra.known', 'payload.extra.more.deep', 'payload.byVenue.nasdaq.last'],
    ...['payload.anything.a.b', 'payload.pair', 'payload.pair.at', 'payload.pair.1.at'],
  ])('%s is one, and a rule reads text there', (path) => {
    expect(fields!.has(path)).toBe(true);
    expect(textsAt(event, path).length).toBeGreaterThan(0);
  });

  it.each([
    ...['payload', 'payload.ticker', 'payload.Title', 'payload.title.length', 'payload.tickers.name', 'payload.filers'],
    ...['payload.filers.name', 'payload.filers.0', 'payload.extra', 'payload.byVenue', 'payload.byVenue.nasdaq'],
    ...['payload.byVenue.nasdaq.first', 'payload.nothing', 'payload.constructor', 'payload.__proto__', 'correlationId'],
  ])('the field path %s is refused, and a rule reads no text there', (path) => {
    expect(fields!.has(path)).toBe(false);
    expect(textsAt(event, path)).toEqual([]);
  });

  it('event fields are listed in the order of the schema, a free part by an asterisk', () => {
    expect(fields!.names).toEqual([
      ...['payload.title', 'payload.count', 'payload.severity', 'payload.fixed', 'payload.tickers'],
      ...['payload.filers.cik', 'payload.filers.ticker', 'payload.price', 'payload.price.amount'],
      ...['payload.extra.known', 'payload.extra.*', 'payload.byVenue.*.last', 'payload.anything.*'],
      ...['payload.pair', 'payload.pair.at'],
    ]);
  });

  it('the fields of an event type with several versions are those of all versions', () => {
    const versions = [{ a: z.string() }, { b: z.string() }].map((shape) => ({ type: 'Two', payload: z.object(shape) }));
    const [two, ...more] = EventFields.of(versions);
    expect(more).toEqual([]);
    expect(two!.names).toEqual(['payload.a', 'payload.b']);
    expect(EventFields.of(versions)[0]).toBe(two);
    expect(EventFields.of([...versions, { type: 'Two', payload: z.object({ c: z.string() }) }])[0]!.names).toHaveLength(
      3,
    );
  });

  it('below a payload that contains itself are free', () => {
    const node = z.object({
      name: z.string(),
      get children() {
        return z.array(node);
      },
    });
    const [tree] = EventFields.of([{ type: 'Tree', payload: node }]);
    expect(tree!.has('payload.children.children.name')).toBe(true);
    expect(tree!.has('payload.names')).toBe(false);
    expect(tree!.names).toEqual(['payload.name', 'payload.children.*']);
  });
});
