import { momentIn } from '#time';
import type { HaltItem, Note } from './feed-item.js';
import { identityOf } from './item-identity.js';
import { plainText } from './plain-text.js';
import { textOf, type XmlEntry } from './xml-entry.js';

const EASTERN = 'America/New_York';

/** Whether an entry is one of Nasdaq's trade halts, whatever the name of its feed. */
export function isHalt({ elements }: XmlEntry): boolean {
  return Object.hasOwn(elements, 'ndaq:haltdate') && Object.hasOwn(elements, 'ndaq:issuesymbol');
}

/**
 * Reads a halt. Entries have neither guid nor link, and their pubDate is only a day. Symbol, market and time of the halt identify
 * it: a stock and its warrant share the minute, and a stock can be halted several times a day. Reason and end may change.
 * @returns the reason as text if it cannot be read
 */
export function haltItem({ elements }: XmlEntry, note: Note): HaltItem | string {
  const field = (name: string): string => plainText(textOf(elements[`ndaq:${name}`]), 200);
  const symbol = field('issuesymbol').toUpperCase();
  if (symbol === '') return 'a halt without a symbol';
  const haltedAt = eastern(field('haltdate'), field('halttime'));
  if (haltedAt === null)
    return `the time of the halt, ${JSON.stringify(`${field('haltdate')} ${field('halttime')}`)}, does not exist`;
  const resumption = (of: string): Date | null => {
    const [date, time] = [field('resumptiondate'), field(`resumption${of}time`)];
    const at = eastern(date, time);
    if (at === null && date !== '' && time !== '')
      note(`the ${of} resumption, ${JSON.stringify(`${date} ${time}`)}, does not exist`);
    return at;
  };
  const resumesQuotingAt = resumption('quote');
  const resumesTradingAt = resumption('trade');
  const [name, market, reasonCode] = [field('issuename'), field('market'), field('reasoncode')];
  const pauseThresholdPrice = field('pausethresholdprice') || null;
  return {
    kind: 'halt',
    key: identityOf('halt', symbol, market, haltedAt.toISOString()),
    digest: identityOf(
      reasonCode,
      resumesQuotingAt?.toISOString() ?? null,
      resumesTradingAt?.toISOString() ?? null,
      pauseThresholdPrice,
    ),
    title: `${symbol} halted (${reasonCode})`,
    symbol,
    name,
    market,
    reasonCode,
    haltedAt,
    resumesQuotingAt,
    resumesTradingAt,
    pauseThresholdPrice,
  };
}

/** Parses `09/24/2026` or `9/24/2026` and `19:50:00.000` (ms optional) in New York's time zone. */
function eastern(date: string, time: string): Date | null {
  const day = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(date);
  const clock = /^(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.(\d{1,3}))?$/.exec(time);
  // A year without four digits cannot be stored, and no halt is older than the feed.
  if (day === null || clock === null || Number(day[3]) < 1970) return null;
  const [, hour, minute, second = '00', fraction = ''] = clock;
  const written = `${hour!.padStart(2, '0')}:${minute}:${second}.${fraction.padEnd(3, '0')}`;
  return momentIn(EASTERN, `${day[3]}-${day[1]!.padStart(2, '0')}-${day[2]!.padStart(2, '0')}`, written) ?? null;
}
