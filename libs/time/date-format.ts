/** A word of a format: what it reads, and the part of a date that it gives. */
const WORDS: Record<string, string> = {
  YYYY: '(?<year>\\d{4})',
  YY: '(?<short>\\d{2})',
  MMMM: '(?<full>[A-Za-z]{3,9})',
  MMM: '(?<name>[A-Za-z]{3})',
  MM: '(?<month>\\d{2})',
  M: '(?<month>\\d{1,2})',
  DD: '(?<day>\\d{2})',
  D: '(?<day>\\d{1,2})',
  HH: '(?<hour>\\d{2})',
  H: '(?<hour>\\d{1,2})',
  mm: '(?<minute>\\d{2})',
  ss: '(?<second>\\d{2})',
  SSS: '\\d{1,9}',
  A: '(?<half>[AaPp][Mm])',
  Z: '(?<zone>Z|[+-]\\d\\d:?\\d\\d)',
  T: 'T',
};
const WORD = new RegExp(Object.keys(WORDS).join('|'), 'g');
const TIME_BEHIND = '(?:[ T,]+(?<hour>\\d{1,2}):(?<minute>\\d{2})(?::(?<second>\\d{2})(?:\\.\\d+)?)?)?';
const MONTHS = Array.from({ length: 12 }, (_, at) =>
  new Date(Date.UTC(2000, at)).toLocaleString('en', { month: 'long', timeZone: 'UTC' }).toLowerCase(),
);

/** What a text says by a format. All but the month are digits as written, padded to two; a part may not exist (30 February). */
export interface DateParts {
  /** Four digits. Years of two digits are of this century. */
  year: string;
  /** 01 to 12. */
  month: string;
  day: string | undefined;
  /** Of 24. */
  hour: string | undefined;
  minute: string | undefined;
  second: string | undefined;
  /** `Z` or `+05:30`. */
  zone: string | undefined;
}

/** Why a format such as `DD-MMM-YYYY` cannot be read, or undefined. Letters that mean nothing would fit no date. */
export function dateFormatProblem(format: string): string | undefined {
  const letters = /[A-Za-z]+/.exec(format.replace(WORD, ''))?.[0];
  if (letters !== undefined)
    return `the letters "${letters}" mean nothing; the words are ${Object.keys(WORDS).join(' ')}`;
  const places = (format.match(WORD) ?? []).flatMap((word) => (word === 'T' ? [] : [word[0]!]));
  const twice = places.find((place, index) => places.indexOf(place) !== index);
  if (twice !== undefined) return `it has ${twice} twice`;
  if (!places.includes('Y') || !places.includes('M')) return 'it needs a year (YYYY or YY) and a month (MMM, MM or M)';
  if (places.some((place) => 'msSA'.includes(place)) && !places.includes('H'))
    return 'it has parts of a time and no hour';
  return undefined;
}

/**
 * Returns a function that reads texts by a format; undefined for a text that does not fit.
 * @param format one that `dateFormatProblem` has no problem with
 * @param timeMayFollow a time of day may follow a format that has none
 */
export function dateFormatReader(format: string, timeMayFollow = false): (text: string) => DateParts | undefined {
  const source = format.replace(
    new RegExp(`${WORD.source}|[^A-Za-z0-9\\s]`, 'g'),
    (token) => WORDS[token] ?? `\\${token}`,
  );
  const pattern = new RegExp(`^${source}${timeMayFollow && !format.includes('H') ? TIME_BEHIND : ''}$`);
  return (text) => {
    const part = pattern.exec(text)?.groups;
    const month = part && monthOf(part);
    if (!part || month === undefined) return undefined;
    return {
      year: part['year'] ?? `20${part['short']}`,
      month,
      day: part['day']?.padStart(2, '0'),
      hour: hourOf(part['hour'], part['half']),
      minute: part['minute'],
      second: part['second'],
      zone: part['zone']?.replace(/^([+-]\d\d)(\d\d)$/, '$1:$2'),
    };
  };
}

function monthOf({ month, name, full }: Record<string, string | undefined>): string | undefined {
  const text = (name ?? full)?.toLowerCase();
  const number =
    text === undefined
      ? Number(month)
      : MONTHS.findIndex((one) => (full ? one === text : one.slice(0, 3) === text)) + 1;
  return number >= 1 && number <= 12 ? String(number).padStart(2, '0') : undefined;
}

function hourOf(hour: string | undefined, half: string | undefined): string | undefined {
  if (hour === undefined || half === undefined) return hour?.padStart(2, '0');
  return String((Number(hour) % 12) + (/p/i.test(half) ? 12 : 0)).padStart(2, '0');
}
