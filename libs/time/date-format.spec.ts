import { dateFormatProblem, dateFormatReader } from './date-format.js';

const day = (format: string, text: string) => {
  const parts = dateFormatReader(format)(text);
  return parts && `${parts.year}-${parts.month}-${parts.day}`;
};

describe('a date format', () => {
  it.each([
    ['YYYY-MM-DD', '2026-12-05', '2026-12-05'],
    ['D/M/YY', '5/12/26', '2026-12-05'],
    ['DDMMMYYYY', '05dec2026', '2026-12-05'],
    ['D MMMM YYYY', '5 December 2026', '2026-12-05'],
    ['MMM-YY', 'DEC-26', '2026-12-undefined'],
    ['MMMM YYYY', 'Dec 2026', undefined],
    ['DD.MM.YYYY', '05x12x2026', undefined],
    ['YYYY-MM-DD', '2026-13-05', undefined],
    ['DD-MMM-YYYY', '05-XXX-2026', undefined],
  ])('%s reads %s', (format, text, expected) => {
    expect(day(format, text)).toBe(expected);
  });

  it.each([
    ['12:05 AM', '00'],
    ['12:05 PM', '12'],
    ['3:05 pm', '15'],
  ])('%s is hour %s of 24', (time, hour) => {
    expect(dateFormatReader('YYYY-MM-DD H:mm A')(`2026-12-05 ${time}`)).toMatchObject({ hour, minute: '05' });
  });

  it('a time may follow a format without one where that is allowed', () => {
    expect(dateFormatReader('D/M/YYYY', true)('5/12/2026 9:31:07.25')).toMatchObject({ hour: '09', second: '07' });
    expect(dateFormatReader('D/M/YYYY')('5/12/2026 9:31')).toBeUndefined();
  });

  it('a zone is read with a colon', () => {
    expect(dateFormatReader('YYYY-MM-DDTHH:mmZ')('2026-12-05T09:31+0530')?.zone).toBe('+05:30');
  });

  it.each([
    ['YYYY-MM-DD QQ', 'the letters "QQ" mean nothing'],
    ['YYYY-MM-DD DD', 'it has D twice'],
    ['DD-MM', 'it needs a year'],
    ['YYYY-MM-DD mm', 'no hour'],
  ])('%s is refused with the reason', (format, reason) => {
    expect(dateFormatProblem(format)).toContain(reason);
  });
});
