import { z } from 'zod';
import type { Condition } from '../conditions/condition.js';
import { EventFields } from '../conditions/event-fields.js';
import { ruleIssues } from './rule-issues.js';

const types = EventFields.of([
  { type: 'NewsPublished', payload: z.object({ title: z.string(), tickers: z.array(z.string()) }) },
  {
    type: 'FilingPublished',
    payload: z.object({ company: z.string(), form: z.string(), tickers: z.array(z.string()) }),
  },
  { type: 'TradingHalted', payload: z.object({ name: z.string(), symbol: z.string(), price: z.string() }) },
  { type: 'BreakerOpened', payload: z.object({ name: z.string(), reason: z.string() }) },
]);
const type = (...values: string[]): Condition => ({ op: 'in', field: 'type', values });
const says = (field: string): Condition => ({ op: 'contains', field, value: 'x' });
interface Words {
  title?: string;
  body?: string;
  by?: string[];
}
const issues = (condition: Condition, { title, body, by }: Words = {}) =>
  ruleIssues({ condition, titleTemplate: title ?? null, bodyTemplate: body ?? null, dedupeBy: by ?? [] }, types).map(
    ({ field, seen, isUnknown }) => `${field} ${seen} ${isUnknown ? 'unknown' : 'partial'}`,
  );

describe('the check of the fields that a rule names', () => {
  it('a rule whose fields exist in all of its types has no issue', () => {
    const news: Condition = { all: [type('newspublished'), says('payload.title'), { op: 'ticker', values: ['AAPL'] }] };
    expect(issues(news, { title: '{payload.title} {type}', body: '{broker}', by: ['payload.tickers.0'] })).toEqual([]);
    expect(issues(says('userId'))).toEqual([]);
  });

  it('an unknown field in the condition, the message or the dedupe list is reported by its position', () => {
    const condition: Condition = {
      all: [
        type('NewsPublished'),
        { any: [says('payload.title'), { not: says('payload.headline') }] },
        { op: 'moved', field: 'payload.title', by: '1', unit: 'percent', direction: 'up', from: 'payload.close' },
      ],
    };
    expect(
      issues(condition, {
        title: '{payload.ticker}: {payload.title}',
        body: '{payload.text}',
        by: ['type', 'payload.x'],
      }),
    ).toEqual([
      'condition.all[1].any[1].not.field payload.headline unknown',
      'condition.all[2].from payload.close unknown',
      'message.title payload.ticker unknown',
      'message.body payload.text unknown',
      'dedupe.by[1] payload.x unknown',
    ]);
  });

  it("an issue names the fields of the rule's types", () => {
    const [issue] = ruleIssues(
      { condition: type('NewsPublished'), titleTemplate: '{payload.ticker}', bodyTemplate: null, dedupeBy: [] },
      types,
    );
    expect(issue!.problem).toBe(
      'a field of NewsPublished: type, broker, userId, instrumentId, payload.title, payload.tickers',
    );
  });

  it('a field that some of several types have is accepted, and the issue names the others', () => {
    const both = type('NewsPublished', 'FilingPublished');
    const rule = { condition: both, titleTemplate: '{payload.title}', bodyTemplate: null, dedupeBy: ['payload.form'] };
    expect(ruleIssues(rule, types)).toEqual([
      {
        field: 'message.title',
        seen: 'payload.title',
        problem: 'FilingPublished has no such field: no message can be made of its alerts',
        isUnknown: false,
      },
      {
        field: 'dedupe.by[0]',
        seen: 'payload.form',
        problem: 'NewsPublished has no such field: it does not tell its matches apart',
        isUnknown: false,
      },
    ]);
    expect(issues({ all: [both, says('payload.title')] }, { title: '{payload.title}' })).toEqual([
      'condition.all[1].field payload.title partial', // And the message is only made of the events that match.
    ]);
  });

  it('a branch of a condition is checked with the types of that branch', () => {
    const branch = (name: string, field: string): Condition => ({ all: [says(field), type(name)] });
    const condition: Condition = {
      any: [branch('NewsPublished', 'payload.title'), branch('FilingPublished', 'payload.form')],
    };
    expect(issues(condition, { title: '{payload.tickers}' })).toEqual([]);
    expect(
      issues({ any: [branch('NewsPublished', 'payload.form'), branch('FilingPublished', 'payload.title')] }),
    ).toEqual([
      'condition.any[0].all[0].field payload.form unknown',
      'condition.any[1].all[0].field payload.title unknown',
    ]);
  });

  it('in a rule for any type, a field of the condition must exist in one type, and a field of the message in all types that can match', () => {
    expect(issues(says('payload.title'), { title: '{payload.title}' })).toEqual([]);
    expect(issues(says('payload.name'), { title: '{payload.price}' })).toEqual(['message.title payload.price partial']);
    expect(issues(says('broker'), { title: '{payload.title}' })).toEqual(['message.title payload.title partial']);
    expect(issues(says('payload.titel'))).toEqual(['condition.field payload.titel unknown']);
  });

  it('a type that does not exist, and a ticker or form that a type lacks, are reported', () => {
    expect(issues(type('NewsPublished', 'NewsPublishd'))).toEqual(['condition.values[1] NewsPublishd unknown']);
    expect(issues({ not: { op: 'equals', field: 'type', value: 'Nope' } })).toEqual([
      'condition.not.value Nope unknown',
    ]);
    expect(issues({ all: [type('BreakerOpened'), { op: 'ticker', values: ['A'] }] })).toEqual([
      'condition.all[1].op ticker unknown',
    ]);
    expect(issues({ all: [type('NewsPublished'), { op: 'form', values: ['8-K'] }] })).toEqual([
      'condition.all[1].op form unknown',
    ]);
    expect(issues({ all: [type('TradingHalted'), { op: 'ticker', values: ['A'] }] })).toEqual([]);
  });
});
