import { clockProblem, expiryReader, formatProblem } from './expiry-date.js';

const read = (text: string, ...formats: string[]) => expiryReader({ formats })(text);

describe('an expiry in a master', () => {
  it('an expiry is read in the first format that fits', () => {
    const reader = expiryReader({ formats: ['YYYY-MM-DD', 'DDMMMYYYY', 'DD/MM/YY'] });
    expect(reader('2026-08-25')).toBe('2026-08-25');
    expect(reader('25AUG2026')).toBe('2026-08-25');
    expect(reader('25aug2026')).toBe('2026-08-25');
    expect(reader('25/08/26')).toBe('2026-08-25');
  });

  it('days and months may have one digit, months a name, and times are ignored', () => {
    expect(read('9-DEC-2025', 'D-MMM-YYYY')).toBe('2025-12-09');
    expect(read('29-DEC-2025', 'D-MMM-YYYY')).toBe('2025-12-29');
    expect(read('3/9/2026', 'D/M/YYYY')).toBe('2026-09-03');
    expect(read('29 December 2026', 'D MMMM YYYY')).toBe('2026-12-29');
    expect(read('29 Decembre 2026', 'D MMMM YYYY')).toBeUndefined();
    expect(read('2026-12-29 14:30:00', 'YYYY-MM-DD HH:mm:ss')).toBe('2026-12-29');
  });

  it('a month without a day is its last day', () => {
    expect(read('202612', 'YYYYMM')).toBe('2026-12-31');
    expect(read('FEB28', 'MMMYY')).toBe('2028-02-29');
  });

  it('a time with a zone is the day that the clock shows then', () => {
    const formats = ['YYYY-MM-DDTHH:mm:ssZ', 'YYYY-MM-DDTHH:mm:ss.SSSZ'];
    expect(expiryReader({ formats, clock: '+00:00' })('2026-12-25T23:30:00Z')).toBe('2026-12-25');
    expect(expiryReader({ formats, clock: '+05:30' })('2026-12-25T23:30:00.000Z')).toBe('2026-12-26');
    expect(expiryReader({ formats, clock: 'America/New_York' })('2026-12-25T01:00:00+00:00')).toBe('2026-12-24');
    expect(expiryReader({ formats, clock: 'wall' })('2026-12-25T23:30:00-0800')).toBe('2026-12-26');
  });

  it.each(['2026-02-30', '2026-13-01', '0000-00-00', '25XXX2026', '2026-08-25 ', '1969-12-31', '9999-01-01', 'soon'])(
    'the expiry %s is refused',
    (text) => {
      const reader = expiryReader({ formats: ['YYYY-MM-DD', 'DDMMMYYYY'] });
      expect(reader(text)).toBeUndefined();
      expect(reader(text)).toBeUndefined();
    },
  );

  it('an epoch becomes the day at the exchange, not in UTC', () => {
    const justAfterMidnightInMumbai = String(Date.parse('2026-08-25T00:30:00+05:30'));
    const formats = ['epoch_ms'];
    expect(expiryReader({ formats, clock: '+05:30' })(justAfterMidnightInMumbai)).toBe('2026-08-25');
    expect(expiryReader({ formats })(justAfterMidnightInMumbai)).toBe('2026-08-25');
    expect(expiryReader({ formats, utcOffset: '+00:00' })(justAfterMidnightInMumbai)).toBe('2026-08-24');
    expect(expiryReader({ formats })('25AUG2026')).toBeUndefined();
  });

  it('an epoch may count seconds or nanoseconds, from another day, in local time, and before it', () => {
    const kotak = { formats: ['epoch_s'], since: '1980-01-01', clock: 'wall' };
    expect(expiryReader(kotak)('1456410600')).toBe('2026-02-24');
    expect(expiryReader({ ...kotak, since: '2030-01-01' })('-86400')).toBe('2029-12-31');
    expect(expiryReader({ formats: ['epoch_s'], clock: 'wall' })('1797638399')).toBe('2026-12-18');
    expect(expiryReader({ formats: ['epoch_ns'], clock: '+00:00' })('1798185600000000000')).toBe('2026-12-25');
    expect(expiryReader({ formats: ['epoch_ms'], clock: '+00:00' })('1798185600000.0')).toBe('2026-12-25');
    expect(expiryReader({ formats: ['epoch_ms'] })('32503708800000')).toBeUndefined();
    expect(expiryReader({ formats: ['epoch_s'] })('9'.repeat(19))).toBeUndefined();
  });
});

describe('a date format', () => {
  it.each([
    ['YYYY-MM-DD hh:mm', 'the letters "hh" mean nothing'],
    ['DD-MON-YYYY', 'the letters "ON" mean nothing'],
    ['YYYY-MM-DD YYYY', 'it has Y twice'],
    ['DD-MM', 'it needs a year'],
    ['YYYY', 'a month'],
    ['YYYY-MM-DD mm', 'no hour'],
    ['epoch_min', 'an epoch is one of epoch_s'],
  ])('the date format %s is refused with the reason', (format, reason) => {
    expect(formatProblem(format)).toContain(reason);
  });

  it('known formats and clocks have no problem', () => {
    for (const format of [
      'YYYY-MM-DD HH:mm:ss',
      'DDMMMYYYY',
      'D-MMM-YY',
      'YYYYMM',
      'YYYY-MM-DDTHH:mm:ss.SSSZ',
      'epoch_us',
    ])
      expect(formatProblem(format)).toBeUndefined();
    for (const clock of ['wall', '+05:30', '-08:00', 'Asia/Kolkata']) expect(clockProblem(clock)).toBeUndefined();
    expect(clockProblem('India')).toContain('a time zone such as');
  });
});
