import { SharedSeal } from './shared-seal.js';

const SECRET = 'a secret of all processes of the desk';
const entry = (raw: unknown) => ({ raw, tags: ['the tag of a user'], freshMs: 1_000, xmin: 7, position: 8 });

describe('a sealed cache entry', () => {
  it.each([[0], [false], [''], [null], [undefined], [Number.NaN], [new Date(5)], [new Map([[1, 'x']])]])(
    'an entry with %p opens as it was sealed',
    (raw) => {
      const seal = new SharedSeal(SECRET);
      expect(seal.open(seal.seal(entry(raw), 'here')!, 'here')).toEqual(entry(raw));
    },
  );

  it('an entry keeps buffers and missing fields as they are', () => {
    const seal = new SharedSeal(SECRET);
    const raw = { keyHash: Buffer.from('hash'), refused: undefined };
    const opened = seal.open(seal.seal(entry(raw), 'here')!, 'here')!.raw as typeof raw;
    expect(Buffer.isBuffer(opened.keyHash)).toBe(true);
    expect(opened).toStrictEqual(raw);
  });

  it('an entry shows nothing of its value and its tags', () => {
    const sealed = new SharedSeal(SECRET).seal(entry('the whole value'), 'here')!;
    for (const text of ['the whole value', 'the tag of a user', SECRET])
      for (const encoding of ['utf8', 'base64', 'base64url', 'hex'] as const)
        expect(sealed).not.toContain(Buffer.from(text).toString(encoding).slice(0, -4));
  });

  it('an entry opens neither at another place, nor altered, nor with another secret', () => {
    const seal = new SharedSeal(SECRET);
    const sealed = seal.seal(entry('the value'), 'here')!;
    expect(seal.open(sealed, 'there')).toBeUndefined();
    const other = sealed.at(-30) === 'A' ? 'B' : 'A';
    expect(seal.open(`${sealed.slice(0, -30)}${other}${sealed.slice(-29)}`, 'here')).toBeUndefined();
    expect(new SharedSeal(`${SECRET}!`).open(sealed, 'here')).toBeUndefined();
    expect(seal.open('garbage', 'here')).toBeUndefined();
  });

  it('an entry of one day does not open on the next, because each day has a key of its own', () => {
    let now = Date.UTC(2026, 10, 2, 23, 59);
    const seal = new SharedSeal(SECRET, () => now);
    const sealed = seal.seal(entry('the value'), 'here')!;
    expect(new SharedSeal(SECRET, () => now).open(sealed, 'here')).toBeDefined();
    now += 60_000;
    expect(seal.open(sealed, 'here')).toBeUndefined();
    expect(seal.open(seal.seal(entry('the value'), 'here')!, 'here')).toBeDefined();
  });

  it('a value that is no plain data is not sealed', () => {
    expect(new SharedSeal(SECRET).seal(entry({ sign: () => 'x' }), 'here')).toBeUndefined();
  });
});
