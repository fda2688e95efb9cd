import { jest } from '@jest/globals';
import { RE2JS } from 're2js';
import type { Condition } from '../conditions/condition.js';
import { matcherOf } from '../conditions/condition-match.js';
import { type AlertEvent, EventView, FieldSlots } from '../conditions/event-view.js';
import { Decimal } from '#decimal';
import type { PriceWindows } from '../conditions/price-windows.js';
import { type MatchableRule, RuleIndex, typesOf } from './rule-index.js';

const ME = '01990000-0000-7000-8000-000000000001';
const OTHER = '01990000-0000-7000-8000-000000000002';
const event = (payload: unknown, more: Partial<AlertEvent> = {}): AlertEvent => ({
  ...{
    id: '0198b5f5-bf7b-7000-8000-000000000001',
    type: 'NewsPublished',
    broker: null,
    userId: null,
    instrumentId: null,
    correlationId: null,
  },
  ...{ payload, occurredAt: new Date('2026-08-17T03:45:00Z'), ...more },
});
const matched = (rules: MatchableRule[], one: AlertEvent, prices?: { low: string; high: string }): string[] => {
  const index = new RuleIndex(rules, (type) => type.startsWith('Feed'));
  const window = prices && { low: Decimal.parse(prices.low), high: Decimal.parse(prices.high) };
  return tested(index, one, () => window).map(({ id }) => id);
};
function candidatesOf(index: RuleIndex<MatchableRule>, one: AlertEvent): MatchableRule[] {
  const rules: MatchableRule[] = [];
  index.visitCandidates(index.view(one), (rule) => void rules.push(rule));
  return rules;
}
/** Tests the candidates of the index. */
function tested(index: RuleIndex<MatchableRule>, one: AlertEvent, prices: PriceWindows = () => undefined) {
  const slots = new FieldSlots();
  const view = new EventView(one, slots);
  return candidatesOf(index, one).filter(({ condition }) => matcherOf(condition, slots)(view, prices));
}
const matches = (condition: Condition, payload: unknown, prices?: { low: string; high: string }): boolean =>
  matched([{ id: 'r', userId: null, condition }], event(payload), prices).length === 1;
const text = (
  op: 'equals' | 'contains' | 'startsWith' | 'matches',
  value: string,
  caseSensitive?: boolean,
): Condition => ({ op, field: 'payload.title', value, caseSensitive });

describe('a condition on an event', () => {
  it('a condition on an event ignores the case of text unless it is case-sensitive', () => {
    const payload = { title: 'Acme announces MERGER' };
    for (const test of [
      text('equals', 'acme announces merger'),
      text('contains', 'Merger'),
      text('startsWith', 'ACME'),
      text('matches', '\\bmerger$'),
    ])
      expect(matches(test, payload)).toBe(true);
    for (const test of [
      text('equals', 'acme announces merger', true),
      text('contains', 'Merger', true),
      text('startsWith', 'ACME', true),
      text('matches', 'merger', true),
    ])
      expect(matches(test, payload)).toBe(false);
    expect(matches({ op: 'in', field: 'payload.title', values: ['x', 'acme ANNOUNCES merger'] }, payload)).toBe(true);
  });

  it('compares numbers exactly and never matches a text that is no number', () => {
    expect(matches({ op: 'gt', field: 'payload.price', value: '0.3' }, { price: '0.30000000000000001' })).toBe(true);
    expect(matches({ op: 'eq', field: 'payload.price', value: '0.30' }, { price: 0.3 })).toBe(true);
    expect(matches({ op: 'lte', field: 'payload.price', value: '0.3' }, { price: '0.3' })).toBe(true);
    expect(matches({ op: 'lt', field: 'payload.price', value: '0.3' }, { price: '0.3' })).toBe(false);
    expect(matches({ op: 'between', field: 'payload.price', low: '1', high: '2' }, { price: '2.000' })).toBe(true);
    for (const price of ['n/a', null, {}, undefined, '1,5'])
      expect(matches({ op: 'gte', field: 'payload.price', value: '-1000000' }, { price })).toBe(false);
  });

  it('a condition on an event finds tickers in every place of an event, and 8-K/A under 8-K only with amendments', () => {
    const ticker: Condition = { op: 'ticker', values: ['aapl'] };
    for (const payload of [
      { ticker: 'AAPL' },
      { tickers: ['MSFT', '$AAPL'] },
      { symbol: 'aapl' },
      { tradingsymbol: 'AAPL' },
      { filers: [{ cik: '1', ticker: 'AAPL' }] },
    ])
      expect(matches(ticker, payload)).toBe(true);
    expect(matches({ op: 'ticker', values: ['BRK.B'] }, { tickers: ['BRK-B'] })).toBe(true);
    for (const payload of [{ ticker: 'AAPLX' }, { title: 'AAPL' }, {}, null, 'AAPL'])
      expect(matches(ticker, payload)).toBe(false);
    expect(matches({ op: 'form', values: ['8-K'] }, { form: '8-K' })).toBe(true);
    expect(matches({ op: 'form', values: ['8-K'] }, { form: '8-K/A' })).toBe(false);
    expect(matches({ op: 'form', values: ['8-k'], amendments: true }, { form: '8-K/A' })).toBe(true);
    expect(matches({ op: 'form', values: ['8-K/A'] }, { form: '8-K' })).toBe(false);
    // By its former name, whichever of the two the filing has.
    expect(matches({ op: 'form', values: ['SC 13D'] }, { form: 'SCHEDULE 13D' })).toBe(true);
    expect(matches({ op: 'form', values: ['SCHEDULE 13G'], amendments: true }, { form: 'SC 13G/A' })).toBe(true);
  });

  it('a condition on an event matches moves between fields and within a window, up from the lowest and down from the highest price', () => {
    const fields: Condition = {
      op: 'moved',
      field: 'payload.price',
      from: 'payload.close',
      by: '5',
      unit: 'percent',
      direction: 'either',
    };
    expect(matches(fields, { price: '95', close: '100' })).toBe(true);
    expect(matches(fields, { price: '95.01', close: '100' })).toBe(false);
    expect(matches(fields, { price: '95' })).toBe(false);
    const window = (direction: 'up' | 'down' | 'either'): Condition => ({
      op: 'moved',
      field: 'payload.price',
      withinSeconds: 60,
      by: '5',
      unit: 'absolute',
      direction,
    });
    expect(matches(window('up'), { price: '105' }, { low: '100', high: '110' })).toBe(true);
    expect(matches(window('up'), { price: '104' }, { low: '100', high: '110' })).toBe(false);
    expect(matches(window('down'), { price: '105' }, { low: '100', high: '110' })).toBe(true);
    expect(matches(window('either'), { price: '105' })).toBe(false);
  });

  it('combines its parts by all, any and not', () => {
    const [yes, no] = [text('contains', 'a'), text('contains', 'z')];
    const payload = { title: 'a' };
    expect(
      [
        { all: [yes, yes] },
        { any: [no, yes] },
        { not: no },
        { all: [{ any: [yes, no] }, { not: { all: [yes, no] } }] },
      ].map((each) => matches(each, payload)),
    ).toEqual([true, true, true, true]);
    expect([{ all: [yes, no] }, { any: [no, no] }, { not: yes }].map((each) => matches(each, payload))).toEqual([
      false,
      false,
      false,
    ]);
  });

  it('a condition on an event never reads a property that an event inherits', () => {
    for (const field of ['payload.constructor.name', 'payload.__proto__', 'payload.toString', 'payload.title.length'])
      expect(matches({ op: 'exists', field }, { title: 'x' })).toBe(false);
  });
});

describe('the index of rules', () => {
  it('the index of rules matches rules of a user on their own and public events, and operator events only for the desk', () => {
    const any: Condition = { not: text('equals', 'never') };
    const rules = [
      { id: 'mine', userId: ME, condition: any },
      { id: 'desk', userId: null, condition: any },
    ];
    expect(matched(rules, event({}))).toEqual(['mine', 'desk']);
    expect(matched(rules, event({}, { userId: ME }))).toEqual(['mine', 'desk']);
    expect(matched(rules, event({}, { userId: OTHER }))).toEqual(['desk']);
    expect(matched(rules, event({}, { type: 'FeedFailing' }))).toEqual(['desk']);
    expect(matched(rules, event({}, { type: 'FeedFailing', userId: ME }))).toEqual(['mine', 'desk']);
  });

  it('the index of rules finds the same matches as testing every rule, each rule once', () => {
    const pick = <T>(of: readonly T[], n: number): T => of[Math.abs(n) % of.length]!;
    let seed = 42;
    const random = () => (seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff) >> 8;
    const [tickers, forms, types, words] = [
      ['AAPL', 'MSFT', 'NVDA'],
      ['8-K', '8-K/A', '10-K'],
      ['NewsPublished', 'FilingPublished', 'QuoteSeen'],
      ['merger', 'beats', 'halted'],
    ];
    const condition = (depth: number): Condition => {
      const kind = random() % (depth > 2 ? 5 : 8);
      if (kind === 0) return { op: 'ticker', values: [pick(tickers, random()), pick(tickers, random())] };
      if (kind === 1) return { op: 'form', values: [pick(forms, random())], amendments: random() % 2 === 0 };
      if (kind === 2) return { op: 'equals', field: 'type', value: pick(types, random()) };
      if (kind === 3) return text('contains', pick(words, random()));
      if (kind === 4) return { op: 'in', field: 'payload.venue', values: ['nse', 'BSE'] };
      if (kind === 5) return { not: condition(depth + 1) };
      return kind === 6
        ? { all: [condition(depth + 1), condition(depth + 1)] }
        : { any: [condition(depth + 1), condition(depth + 1)] };
    };
    const rules = Array.from({ length: 400 }, (_, n) => ({ id: `${n}`, userId: null, condition: condition(0) }));
    for (let n = 0; n < 100; n++) {
      const payload = {
        tickers: [pick(tickers, random()), pick(tickers, random())],
        form: pick(forms, random()),
        title: `x ${pick(words, random())}`,
        venue: pick(['NSE', 'nyse'], random()),
      };
      const one = event(payload, { type: pick(types, random()) });
      const walked = rules
        .filter((rule) => matched([{ ...rule, condition: { not: { not: rule.condition } } }], one).length === 1)
        .map(({ id }) => id);
      expect(matched(rules, one).sort()).toEqual(walked.sort());
    }
  });

  it('the index of rules needs only the windows of rules that may match, for events that have a price', () => {
    const index = new RuleIndex(
      [
        {
          id: 'r',
          userId: null,
          condition: {
            all: [
              { op: 'ticker', values: ['AAPL'] },
              { op: 'moved', field: 'payload.price', withinSeconds: 60, by: '5', unit: 'percent', direction: 'up' },
            ],
          },
        },
      ],
      () => false,
    );
    const views = [{ ticker: 'AAPL', price: '1' }, { ticker: 'MSFT', price: '1' }, { ticker: 'AAPL' }].map((payload) =>
      index.view(event(payload)),
    );
    expect(index.windowNeeds(views)).toEqual([{ view: views[0], field: 'payload.price', seconds: 60 }]);
  });

  it('the index of rules names the types that a condition is restricted to', () => {
    const type: Condition = { op: 'equals', field: 'type', value: 'NewsPublished' };
    expect(typesOf({ all: [text('contains', 'x'), type] })).toEqual(['NewsPublished']);
    expect(typesOf({ any: [type, { op: 'in', field: 'type', values: ['A', 'B'] }] })).toEqual([
      'NewsPublished',
      'A',
      'B',
    ]);
    expect(typesOf({ any: [type, text('contains', 'x')] })).toBeUndefined();
    expect(typesOf({ not: type })).toBeUndefined();
  });

  it('the index of rules with 1,000 rules reads the price of an event only for the rules of its ticker', () => {
    const rules = Array.from({ length: 1_000 }, (_, n) => ({
      ...{ id: `${n}`, userId: null },
      condition: (n % 3 === 0
        ? {
            all: [
              { op: 'equals', field: 'type', value: 'FilingPublished' },
              { op: 'form', values: [`${n % 40}-K`] },
              text('contains', `word${n}`),
            ],
          }
        : n % 3 === 1
          ? {
              all: [
                { op: 'ticker', values: [`T${n}`] },
                { op: 'gt', field: 'payload.price', value: '10' },
              ],
            }
          : { any: [text('contains', `merger ${n}`), text('startsWith', `acme ${n}`)] }) as Condition,
    }));
    const index = new RuleIndex(rules, () => false);
    const events = Array.from({ length: 3_600 }, (_, n) =>
      event(
        {
          form: `${n % 50}-K`,
          ticker: `T${n % 1500}`,
          price: `${n}.5`,
          title: `Item ${n} of a filing with merger ${n % 2000}`,
        },
        { type: 'FilingPublished' },
      ),
    );
    const reads = jest.spyOn(EventView.prototype, 'decimals');
    const found = events.flatMap((each) => tested(index, each));
    expect(found.length).toBeGreaterThan(500);
    expect(reads.mock.calls.length).toBeGreaterThan(0);
    expect(reads.mock.calls.length).toBeLessThanOrEqual(events.length); // Of 1,198,800 for every rule on every event.
    reads.mockRestore();
  });

  it('compiles no pattern, so that a start with many rules does not hold the event loop', () => {
    const rules = [{ id: 'r', userId: null, condition: text('matches', 'merg(er|ing)') }];
    const compiled = jest.spyOn(RE2JS, 'compile');
    const index = new RuleIndex(rules, () => false);
    expect(candidatesOf(index, event({ title: 'A merger' }))).toEqual(rules);
    expect(compiled).not.toHaveBeenCalled();
    compiled.mockRestore();
  });
});
