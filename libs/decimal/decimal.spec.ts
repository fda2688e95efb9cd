import { Decimal } from './decimal.js';

const d = (text: string) => Decimal.parse(text);

describe('reading a decimal', () => {
  it.each(['0', '12.50', '-0.01', '99999999999999999999999999.999999999999999999', '0.000'])(
    'keeps %s digit for digit',
    (text) => {
      expect(d(text).toString()).toBe(text);
      expect(JSON.stringify({ price: d(text) })).toBe(`{"price":"${text}"}`);
    },
  );

  it('a decimal may have a sign and an exponent, and may be a JSON number', () => {
    expect(['+1', '1e3', '1.5e-3', '-2.5E2', '-0.00', '1.50e1'].map((text) => d(text).toString())).toEqual([
      ...['1', '1000', '0.0015', '-250', '0.00', '15.0'],
    ]);
    expect(Decimal.read(12.5)).toEqual(Decimal.of(125n, 1));
  });

  it('any other text is refused as a decimal', () => {
    const refused = ['', ' 1', '1,000', '0x10', 'NaN', 'Infinity', '1.', '.5', '1e999', '-', '1'.repeat(121)];
    for (const value of [...refused, true, null, {}, NaN, 10n]) expect(Decimal.read(value)).toBeUndefined();
    expect(() => d('1,000')).toThrow(new RangeError('"1,000" is not a decimal number.'));
  });
});

describe('comparing decimals', () => {
  it.each([
    ['0.1', '0.10', 0],
    ['0.30000000000000004', '0.3', 1],
    ['9007199254740993', '9007199254740992', 1],
    ['-0.5', '-0.49', -1],
    ['1e3', '1000', 0],
    ['1.5e-3', '0.0015', 0],
    ['99999999999999999999999999.999999999999', '99999999999999999999999999.999999999998', 1],
  ])('%s and %s are compared exactly: %i', (a, b, order) => {
    expect(d(a).compare(d(b))).toBe(order);
    expect(d(b).compare(d(a))).toBe(-order || 0);
  });
});

describe('arithmetic of decimals', () => {
  it('sums, differences and products are exact and keep the decimals, like numeric', () => {
    expect(String(d('1.50').plus(d('1')))).toBe('2.50');
    expect(String(d('0.3').minus(d('0.1')))).toBe('0.2');
    expect(String(d('-1.50').plus(d('1.5')))).toBe('0.00');
    expect(String(d('1.10').times(d('-0.3')))).toBe('-0.330');
    expect(String(d('99999999999999999999999999.999999999999').times(d('1e26')))).toMatch(/^9{38}0{14}\.0{12}$/);
    expect([d('-2').abs(), d('-2').negated(), d('-2').sign, d('0.0').sign, d('2').sign].map(String)).toEqual([
      ...['2', '2', '-1', '0', '1'],
    ]);
  });

  it('divides to 30 decimals, rounded half away from zero', () => {
    expect(String(d('1').dividedBy(d('3')))).toBe(`0.${'3'.repeat(30)}`);
    expect(String(d('-2').dividedBy(d('3')))).toBe(`-0.${'6'.repeat(29)}7`);
    expect(String(d('1').dividedBy(d('-8'), 2))).toBe('-0.13');
    expect(String(d('12.345').dividedBy(d('0.5'), 1))).toBe('24.7');
    expect(String(d('12.345').dividedBy(d('1'), 2))).toBe('12.35');
    expect(String(d('10.00').dividedBy(d('4')))).toBe('2.5');
    expect(() => d('1').dividedBy(d('0.00'))).toThrow(new RangeError('A decimal cannot be divided by 0.'));
  });

  it('the profit of an inverse contract shows no rounding of the division', () => {
    const [size, entry, exit] = [d('12000'), d('60000.0'), d('64000.0')];
    expect(String(size.times(exit.minus(entry)).dividedBy(entry.times(exit)))).toBe('0.0125');
  });

  it.each([
    ['2.5', 0, '3'],
    ['-2.5', 0, '-3'],
    ['2.4999999999999999999999999999', 0, '2'],
    ['1.005', 2, '1.01'],
    ['-0.004', 2, '0.00'],
    ['1.5', 18, '1.5'],
  ])('rounds %s to %i decimals: %s', (text, decimals, rounded) => {
    expect(String(d(text).round(decimals))).toBe(rounded);
  });

  it('trims zeros of the fraction only', () => {
    const trimmed = (texts: string[]) => texts.map((text) => String(d(text).trimmed()));
    expect(trimmed(['1.500', '3.00', '100', '0.00', '-0.10'])).toEqual(['1.5', '3', '100', '0', '-0.1']);
    // On both sides of the whole numbers that a double holds.
    expect(trimmed(['90071992547409.910', '90071992547409.920', '-9007199254740993.500'])).toEqual([
      ...['90071992547409.91', '90071992547409.92', '-9007199254740993.5'],
    ]);
  });

  it('shows a decimal without zeros at the end of the fraction', () => {
    const written = ['1.500', '3.00', '100', '0.00', '-0.10', '0.005', '-0.0500', '12.3', '0.5', '-7', '1e3'];
    const large = ['9007199254740993.500', '-123456789012345678901234567890.10', '0.000000000000000000000000000010'];
    // On both sides of what a double is written as: without an exponent, and with 15 digits.
    const edges = ['0.000001', '-0.0000012', '0.0000001', '123456789.012345', '999999999999999', '1000000000000.0010'];
    for (const text of [...written, ...large, ...edges])
      expect(d(text).toShortString()).toBe(d(text).trimmed().toString());
    expect(d('-0.0500').toShortString()).toBe('-0.05');
  });

  it('agrees with bigints on both sides of the whole numbers that a double holds', () => {
    const most = BigInt(Number.MAX_SAFE_INTEGER);
    const units = [
      0n,
      1n,
      -1n,
      3n,
      94_906_265n,
      94_906_266n,
      most - 1n,
      most,
      most + 1n,
      most * 10n,
      -most,
      -most - 1n,
    ];
    const scaled = (a: bigint, scale: number, to: number) => a * 10n ** BigInt(to - scale);
    for (const a of units)
      for (const b of units)
        for (const [one, other] of [
          [0, 0],
          [0, 3],
          [2, 1],
          [17, 0],
        ] as const) {
          const [x, y, to] = [Decimal.of(a, one), Decimal.of(b, other), Math.max(one, other)];
          const [left, right] = [scaled(a, one, to), scaled(b, other, to)];
          expect([x.plus(y).units, x.minus(y).units, x.times(y).units]).toEqual([left + right, left - right, a * b]);
          expect(x.compare(y)).toBe(left < right ? -1 : left > right ? 1 : 0);
          // One number is one value, whatever it was made by.
          expect(x.plus(y)).toEqual(Decimal.of(left + right, to));
          expect([x.negated(), x.times(y)]).toEqual([Decimal.of(-a, one), Decimal.of(a * b, one + other)]);
        }
  });

  it('agrees with whole-number arithmetic on 2,000 random pairs', () => {
    let seed = 42;
    const random = () => (seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff);
    const some = () => Decimal.of(BigInt(random()) * BigInt(random()) * (random() & 64 ? 1n : -1n), random() % 13);
    for (let n = 0; n < 2_000; n++) {
      const [a, b] = [some(), some()];
      expect(a.plus(b).minus(b).compare(a)).toBe(0);
      if (b.sign === 0) continue;
      expect(a.times(b).dividedBy(b).compare(a)).toBe(0);
      // |a/b - q| <= half of the last digit, that is |a - q*b| * 2 <= |b| * 10^-18.
      const error = a.minus(a.dividedBy(b, 18).times(b)).abs().times(Decimal.of(2n));
      expect(error.compare(b.abs().times(Decimal.of(1n, 18)))).toBeLessThanOrEqual(0);
    }
  });
});
