import { fingerprintOf } from './fingerprint.js';

const of = async (body: unknown, target = 'POST /v1/quotes', secrets: string[] = []): Promise<string> =>
  (await fingerprintOf(target, body, secrets)).toString('hex');

describe('a fingerprint', () => {
  it('a repeated request has the same fingerprint, whatever the order of its keys', async () => {
    expect(await of({ a: 1, b: [{ c: 'x', d: null }] })).toBe(await of({ b: [{ d: null, c: 'x' }], a: 1 }));
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
  ])('fingerprints distinguish %j and %j', async (one, other) => {
    expect(await of(one)).not.toBe(await of(other));
  });

  it('fingerprints distinguish routes, paths and queries', async () => {
    const targets = ['POST /v1/quotes', 'POST /v1/quotes?a=1', 'PUT /v1/quotes', 'POST /v1/quotes/1'];
    expect(new Set(await Promise.all(targets.map((target) => of({}, target)))).size).toBe(targets.length);
    expect(await of('b', 'POST /a')).not.toBe(await of(undefined, 'POST /a"b"'));
  });

  it('a fingerprint contains nothing of a secret at any depth except its presence', async () => {
    const of2 = (password: string) =>
      of({ email: 'a@b.example', nested: [{ password }], password }, 'POST /v1/users', ['password']);
    expect(await of2('correct horse')).toBe(await of2('battery staple'));
    expect(await of({ email: 'a', password: 'x' }, 't', ['password'])).not.toBe(
      await of({ email: 'a' }, 't', ['password']),
    );
    expect(await of({ password: 'x' })).not.toBe(await of({ password: 'y' }));
  });

  it('a fingerprint of a body of many pieces depends on each of them', async () => {
    const rows = (changed?: number) =>
      Array.from({ length: 20_000 }, (_, n) => ({ key: `NSE|${n}`, price: n === changed ? '1' : '0' }));
    expect(new Set(await Promise.all([of(rows()), of(rows(0)), of(rows(9_999)), of(rows(19_999))])).size).toBe(4);
  });

  it('a fingerprint of a long list is made in slices, between which the event loop does other work', async () => {
    const quotes = Array.from({ length: 100_000 }, (_, n) => ({ key: `NSE|${n}`, price: '0' }));
    let over = false;
    let turns = 0;
    const count = () => {
      turns += 1;
      if (!over) setImmediate(count);
    };
    setImmediate(count);
    await of({ quotes });
    over = true;
    expect(turns).toBeGreaterThan(2);
  });
});
