import { memo } from 'react';
import { formatDecimal } from '@deskwire/client';
import { usePreferences, zoneName } from './preferences.js';

const NONE = <span className="none">–</span>;

interface DecimalTextProps {
  /** An exact decimal as the server sends it. It is never parsed as a float. */
  value: string | null | undefined;
  /** Decimals that are shown; more are cut. Without it all are shown. */
  digits?: number;
  /** `gain`: the sign is good or bad news, such as that of a day's profit. Other figures have no colour. */
  meaning?: 'gain';
}

export const DecimalText = memo(function DecimalText({ value, digits, meaning }: DecimalTextProps) {
  const { grouping } = usePreferences();
  if (value === null || value === undefined) return NONE;
  const text = formatDecimal(value, digits === undefined ? { grouping } : { grouping, digits });
  return (
    <data className="figure" value={value} data-gain={meaning && gainOf(value)}>
      {meaning && gainOf(value) === 'up' ? `+${text}` : text}
    </data>
  );
});

/** Which side of zero an exact decimal is on. */
function gainOf(value: string): 'up' | 'down' | 'even' {
  if (!/[1-9]/.test(value)) return 'even';
  return value.startsWith('-') ? 'down' : 'up';
}

/** Currencies whose amounts have no decimals, by ISO 4217. */
const WHOLE = new Set(['JPY', 'KRW', 'VND', 'CLP', 'ISK']);

interface MoneyProps {
  value: string | null | undefined;
  currency?: string;
  meaning?: 'gain';
}

/** An amount with the decimals of its currency. The whole amount is its tooltip. */
export const Money = memo(function Money({ value, currency, meaning }: MoneyProps) {
  if (value === null || value === undefined) return NONE;
  const digits = currency !== undefined && WHOLE.has(currency) ? 0 : 2;
  return (
    <span className="money" title={currency ? `${value} ${currency}` : value}>
      <DecimalText value={value} digits={digits} {...(meaning && { meaning })} />
      {currency && <abbr className="currency">{currency}</abbr>}
    </span>
  );
});

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string, style: 'moment' | 'clock' | 'day'): Intl.DateTimeFormat {
  const key = `${zone} ${style}`;
  let format = formats.get(key);
  if (format === undefined) {
    const day = { year: 'numeric', month: 'short', day: '2-digit' } as const;
    const clock = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const;
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone: zoneName(zone),
      ...(style === 'clock' ? clock : style === 'day' ? day : { ...day, ...clock, timeZoneName: 'short' }),
    });
    formats.set(key, format);
  }
  return format;
}

interface TimeProps {
  /** ISO 8601. */
  value: string | null | undefined;
  /** `clock`: the time of day alone, where the day is plain. The tooltip always has day, time and zone. */
  show?: 'moment' | 'clock' | 'day';
}

/** A moment in the chosen zone, with date and zone. */
export const Time = memo(function Time({ value, show = 'moment' }: TimeProps) {
  const { zone } = usePreferences();
  if (!value) return NONE;
  const at = new Date(value);
  if (Number.isNaN(at.getTime())) return <span>{value}</span>;
  return (
    <time dateTime={value} title={`${formatOf(zone, 'moment').format(at)} (${value})`}>
      {formatOf(zone, show).format(at)}
    </time>
  );
});
