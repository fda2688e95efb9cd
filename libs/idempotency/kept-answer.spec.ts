import { keptAnswer } from './kept-answer.js';

describe('the stored part of an answer', () => {
  it('a stored answer has the status and the body as sent', () => {
    const body = { stored: 1, items: [{ portfolioId: 'ключ', status: 'stored' }] };
    expect(keptAnswer({ status: 200, body }, [], 1_000)).toEqual({
      status: 200,
      json: JSON.stringify(body),
      leftOut: null,
    });
    expect(keptAnswer({ status: 204, body: undefined }, [], 1_000)).toEqual({ status: 204, json: null, leftOut: null });
  });

  it('a stored answer omits its secrets at any depth and is marked as incomplete', () => {
    const kept = keptAnswer({ status: 201, body: { id: 7, key: 'dwk_1', nested: [{ key: 'dwk_2' }] } }, ['key'], 1_000);
    expect(kept).toEqual({ status: 201, json: '{"id":7,"nested":[{}]}', leftOut: 'secret' });
  });

  it('a stored answer without its optional secret is complete', () => {
    expect(keptAnswer({ status: 201, body: { id: 7 } }, ['oneTimePassword'], 1_000)).toMatchObject({
      json: '{"id":7}',
      leftOut: null,
    });
  });

  it('a stored answer above the limit in bytes has the status only', () => {
    expect(keptAnswer({ status: 200, body: 'é'.repeat(4) }, [], 10)).toMatchObject({ json: '"éééé"', leftOut: null });
    expect(keptAnswer({ status: 200, body: 'é'.repeat(5) }, [], 10)).toEqual({
      status: 200,
      json: null,
      leftOut: 'size',
    });
  });
});
