import { expiryReader } from './expiry-date.js';

describe('an expiry in a master', () => {
  it('an expiry is read in the first format that fits', () => {
    const read = expiryReader(['YYYY-MM-DD', 'DDMMMYYYY', 'DD/MM/YY']);
    expect(read('2026-08-25')).toBe('2026-08-25');
    expect(read('25AUG2026')).toBe('2026-08-25');
    expect(read('25aug2026')).toBe('2026-08-25');
    expect(read('25/08/26')).toBe('2026-08-25');
  });

  it.each(['2026-02-30', '2026-13-01', '0000-00-00', '25XXX2026', '2026-08-25 ', '9999-01-01', 'soon'])(
    'the expiry %s is refused',
    (text) => {
      const read = expiryReader(['YYYY-MM-DD', 'DDMMMYYYY']);
      expect(read(text)).toBeUndefined();
      expect(read(text)).toBeUndefined();
    },
  );

  it('an epoch becomes the day at the exchange, not in UTC', () => {
    const justAfterMidnightInMumbai = String(Date.parse('2026-08-25T00:30:00+05:30'));
    expect(expiryReader(['epoch_ms'], '+05:30')(justAfterMidnightInMumbai)).toBe('2026-08-25');
    expect(expiryReader(['epoch_ms'], '+00:00')(justAfterMidnightInMumbai)).toBe('2026-08-24');
    expect(expiryReader(['epoch_ms'])('25AUG2026')).toBeUndefined();
  });
});
