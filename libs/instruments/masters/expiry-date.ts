const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const TOKENS: Record<string, string> = {
  YYYY: '(?<year>\\d{4})',
  YY: '(?<short>\\d{2})',
  MMM: '(?<name>[A-Za-z]{3})',
  MM: '(?<month>\\d{2})',
  DD: '(?<day>\\d{2})',
};

/** Maximum length of a date. No format is longer. Bounds the cache of dates of a hostile master. */
const MAX_LENGTH = 40;

type DateReader = (text: string) => string | undefined;

/**
 * Returns a function that parses dates in these formats: the day as YYYY-MM-DD, or undefined for other texts.
 * Results are cached, because dates repeat: 35,000 derivatives have some 20 expiries.
 */
export function expiryReader(formats: readonly string[], utcOffset = '+00:00'): DateReader {
  const readers = formats.map((format) =>
    format.startsWith('epoch_') ? epochReader(format, utcOffset) : patternReader(format),
  );
  const known = new Map<string, string | undefined>();
  return (text) => {
    if (text.length > MAX_LENGTH) return undefined;
    if (known.has(text)) return known.get(text);
    let day: string | undefined;
    for (const read of readers) if ((day = read(text)) !== undefined) break;
    if (known.size > 10_000) known.clear();
    known.set(text, day);
    return day;
  };
}

function patternReader(format: string): DateReader {
  const source = format.replace(/YYYY|YY|MMM|MM|DD|[^A-Za-z0-9\s]/g, (token) => TOKENS[token] ?? `\\${token}`);
  const pattern = new RegExp(`^${source}$`);
  return (text) => {
    const part = pattern.exec(text)?.groups;
    if (!part) return undefined;
    const year = part['year'] ?? `20${part['short']}`;
    const month = part['month'] ?? String(MONTHS.indexOf(part['name']!.toUpperCase()) + 1).padStart(2, '0');
    return realDay(`${year}-${month}-${part['day']}`);
  };
}

function epochReader(format: string, utcOffset: string): DateReader {
  const unit = format === 'epoch_ms' ? 1 : 1_000;
  const minutes = Number(utcOffset.slice(1, 3)) * 60 + Number(utcOffset.slice(4));
  const offsetMs = (utcOffset.startsWith('-') ? -minutes : minutes) * 60_000;
  return (text) => {
    if (!/^\d{1,14}$/.test(text)) return undefined;
    return realDay(new Date(Number(text) * unit + offsetMs).toISOString().slice(0, 10));
  };
}

/** Rejects days such as 2026-02-30, and years outside 1900 to 2199. */
function realDay(day: string): string | undefined {
  const date = new Date(`${day}T00:00:00Z`);
  const valid =
    !Number.isNaN(date.getTime()) && date.toISOString().slice(0, 10) === day && day >= '1900' && day < '2200';
  return valid ? day : undefined;
}
