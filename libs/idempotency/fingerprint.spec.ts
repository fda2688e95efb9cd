import { fingerprintOf } from './fingerprint.js';

const of = (body: unknown, target = 'POST /v1/quotes', secrets: string[] = []): string =>
  fingerprintOf(target, body, secrets).toString('hex');

describe('a fingerprint', () => {
  it('is that of the same request again, whatever the order of its keys', () => {
    expect(of({ a: 1, b: [{ c: 'x', d: null }] })).toBe(of({ b: [{ d: null, c: 'x' }], a: 1 }));
  });

  it.each([
    [
      [1, 2],
      [2, 1],
    ],
    [[1, 2], [12]],
    [{ a: 1 }, { a: '1' }],
    [{ a: 1 }, { b: 1 }],
    [{ a: null }, {}],
    [{ a: '","b":"' }, { a: '', b: '' }],
    [{ a: [{}], b: 1 }, { a: [{ b: 1 }] }],
    [[[], []], [[[]]]],
    [undefined, null],
    ['', undefined],
    ['1.0', '1.00'],
  ])('tells %j from %j', (one, other) => {
    expect(of(one)).not.toBe(of(other));
  });

  it('tells routes, paths and queries apart', () => {
    const targets = ['POST /v1/quotes', 'POST /v1/quotes?a=1', 'PUT /v1/quotes', 'POST /v1/quotes/1'];
    expect(new Set(targets.map((target) => of({}, target))).size).toBe(targets.length);
    expect(of('b', 'POST /a')).not.toBe(of(undefined, 'POST /a"b"'));
  });

  it('holds nothing of a secret, at any depth, but that there is one', () => {
    const of2 = (password: string) =>
      of({ email: 'a@b.example', nested: [{ password }], password }, 'POST /v1/users', ['password']);
    expect(of2('correct horse')).toBe(of2('battery staple'));
    expect(of({ email: 'a', password: 'x' }, 't', ['password'])).not.toBe(of({ email: 'a' }, 't', ['password']));
    expect(of({ password: 'x' })).not.toBe(of({ password: 'y' }));
  });

  it('of a body of many pieces depends on each of them', () => {
    const rows = (changed?: number) =>
      Array.from({ length: 20_000 }, (_, n) => ({ key: `NSE|${n}`, price: n === changed ? '1' : '0' }));
    expect(new Set([of(rows()), of(rows(0)), of(rows(9_999)), of(rows(19_999))]).size).toBe(4);
  });
});
