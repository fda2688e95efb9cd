import { fieldsFor } from './event-fields.js';

const known = {
  commonFields: ['type', 'broker'],
  eventTypes: [
    { type: 'NewsPublished', fields: [{ path: 'payload.title' }, { path: 'payload.summary' }] },
    { type: 'TradingHalted', fields: [{ path: 'payload.symbol' }, { path: 'payload.title' }] },
  ],
};

describe('the fields that the rule builder offers', () => {
  it('a condition that names event types is offered their fields, each once and in order', () => {
    const named = {
      all: [
        { op: 'equals', field: 'type', value: 'tradinghalted' },
        { op: 'exists', field: 'broker' },
      ],
    };
    expect(fieldsFor(named, known)).toEqual(['type', 'broker', 'payload.symbol', 'payload.title']);
    const either = { any: [{ not: { op: 'in', field: 'type', values: ['NewsPublished', 'TradingHalted'] } }] };
    expect(fieldsFor(either, known)).toEqual(['type', 'broker', 'payload.summary', 'payload.symbol', 'payload.title']);
  });

  it('a condition that names no event type is offered the fields of all', () => {
    expect(fieldsFor({ op: 'exists', field: 'broker' }, known)).toHaveLength(5);
  });
});
