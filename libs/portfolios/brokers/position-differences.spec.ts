import { authorizationFor, brokerSources } from './broker-source.js';
import { positionDifferences } from './position-differences.js';

const position = (key: string, quantity: string, averagePrice: string | null = '10', leg?: string) => ({
  key,
  quantity,
  averagePrice,
  ...(leg === undefined ? {} : { leg }),
});

describe('positions of a snapshot beside those of the broker', () => {
  it('equal positions agree, whatever their spelling and the rounding of averages', () => {
    const ours = [position('A', '10', '100.005'), position('B', '-5.0', null), position('Z', '0')];
    const theirs = [position('B', '-5', '7'), position('A', '10.00', '100.01')];
    expect(positionDifferences(ours, theirs)).toEqual({ differences: [], equal: 2 });
  });

  it('each difference names the kind and both sides', () => {
    const ours = [position('A', '10'), position('B', '10'), position('C', '10'), position('D', '1', '10', 'LONG')];
    const theirs = [
      position('B', '7'),
      position('C', '10', '11'),
      position('D', '1', '10', 'SHORT'),
      position('E', '2'),
    ];
    const { differences, equal } = positionDifferences(ours, theirs);
    expect(equal).toBe(0);
    expect(
      differences.map(({ key, leg, difference, quantityDifference }) => [key, leg, difference, quantityDifference]),
    ).toEqual([
      ['A', null, 'unknown', '-10'],
      ['B', null, 'quantity', '-3'],
      ['C', null, 'averagePrice', '0'],
      ['D', 'LONG', 'unknown', '-1'],
      ['D', 'SHORT', 'missing', '1'],
      ['E', null, 'missing', '2'],
    ]);
    expect(differences[2]).toMatchObject({
      snapshot: { quantity: '10', averagePrice: '10' },
      broker: { quantity: '10', averagePrice: '11' },
    });
  });
});

describe('the setting of broker positions', () => {
  it('it names format and URLs for each broker', () => {
    const text = 'zerodha=kite https://api.kite.trade/a https://api.kite.trade/b, upstox=upstox https://u.example/p';
    expect(brokerSources().parse(text)).toEqual([
      { broker: 'zerodha', format: 'kite', urls: ['https://api.kite.trade/a', 'https://api.kite.trade/b'] },
      { broker: 'upstox', format: 'upstox', urls: ['https://u.example/p'] },
    ]);
    expect(brokerSources().parse(undefined)).toEqual([]);
  });

  it.each([
    'zerodha',
    'zerodha=kite',
    'zerodha=nothing https://x.example',
    'Zerodha=kite https://x.example',
    'a=kite ftp://x',
  ])('the setting %j is refused', (text) => {
    expect(brokerSources().safeParse(text).success).toBe(false);
  });

  it('the header of a broker has its token, as Bearer unless a template says otherwise', () => {
    expect(authorizationFor('upstox', 'T')).toBe('Bearer T');
    for (const token of ['a\nb', 'a\0b', 'a\u0100']) expect(authorizationFor('upstox', token)).toBeUndefined();
    expect(authorizationFor('zerodha', '$&', 'upstox=x {token}, zerodha=token KEY:{token}')).toBe('token KEY:$&');
  });
});
