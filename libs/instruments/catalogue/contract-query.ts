export type ContractSide = 'call' | 'put' | 'future';

/** A day, or parts of one. An expiry fits it if every given part is equal. */
export interface ExpiryParts {
  year?: number;
  month?: number;
  day?: number;
}

/** One way to read the numbers of a query: `25 DEC` is a day, or the December of a year. */
export interface ContractReading {
  expiry: ExpiryParts;
  /** Decimal string. */
  strike?: string;
}

/** A contract as people type it: `NIFTY 2 DEC 26000 CE`, `26000ce banknifty`, `RELIANCE DEC FUT`. */
export interface ContractQuery {
  /** Words of the underlying in upper case; none for `26000 CE`. */
  underlying: readonly string[];
  side?: ContractSide;
  /** Every way to read it, the most likely first. */
  readings: readonly ContractReading[];
}

const MONTHS = 'JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC'.split(' ');
const MONTH_WORD =
  /^(?:JAN(?:UARY)?|FEB(?:RUARY)?|MAR(?:CH)?|APR(?:IL)?|MAY|JUNE?|JULY?|AUG(?:UST)?|SEPT?(?:EMBER)?|OCT(?:OBER)?|NOV(?:EMBER)?|DEC(?:EMBER)?)$/;
const SIDES: Readonly<Record<string, ContractSide>> = {
  CE: 'call',
  C: 'call',
  CALL: 'call',
  CALLS: 'call',
  PE: 'put',
  P: 'put',
  PUT: 'put',
  PUTS: 'put',
  FUT: 'future',
  FUTURE: 'future',
  FUTURES: 'future',
};
const NUMBER = /^\d{1,12}(?:\.\d{1,8})?$/;
const ISO_DAY = /^(\d{4})-(\d{2})-(\d{2})$/;
/** `25DEC26000CE`, `2DEC2025`, `26000CE`: written together, after the name of the underlying or alone. */
const TOGETHER = new RegExp(
  `^(?:(\\d{1,2})?-?(${MONTHS.join('|')})-?(\\d[\\d.]*)?(CE|PE|FUT|C|P)?|(\\d[\\d.]*)(CE|PE|C|P))$`,
);
const AFTER_NAME = new RegExp(`^([A-Z][A-Z&.-]*?)(\\d{2}(?:${MONTHS.join('|')})(?:\\d[\\d.]*(?:CE|PE)|FUT))$`);
/** More words describe a company, not a contract. */
const MAX_WORDS = 12;
const MAX_READINGS = 6;

interface Token {
  kind: 'word' | 'number' | 'month';
  text: string;
}

/**
 * Reads a query as a contract. Undefined if it is none: it needs a strike, a date or FUT besides the name of its
 * underlying, or a strike with its side.
 */
export function contractQuery(query: string): ContractQuery | undefined {
  const words = query.toUpperCase().trim().split(/\s+/);
  if (words.length > MAX_WORDS) return undefined;
  let given: ExpiryParts | undefined;
  let side: ContractSide | undefined;
  const tokens: Token[] = [];
  for (const word of words.flatMap(apart)) {
    const [, year, month, day] = ISO_DAY.exec(word) ?? [];
    const number = word.replace(/^(\d{1,2})(?:ST|ND|RD|TH)$/, '$1').replace(/(?<=\d),(?=\d)/g, '');
    // The first word is a name, unless it is a number: BSE, MAY and C are companies too.
    const named = tokens.length > 0 || words.length === 1 || side !== undefined;
    if (day !== undefined) given = { year: Number(year), month: Number(month), day: Number(day) };
    else if (named && SIDES[word] !== undefined && side === undefined) side = SIDES[word];
    else if (named && MONTH_WORD.test(word)) tokens.push({ kind: 'month', text: word.slice(0, 3) });
    else if (NUMBER.test(number)) tokens.push({ kind: 'number', text: number });
    else tokens.push({ kind: 'word', text: word });
  }
  const underlying = tokens.filter(({ kind }) => kind === 'word').map(({ text }) => text);
  const readings = readingsOf(tokens, given, side).filter(({ strike, expiry }) =>
    underlying.length > 0
      ? strike !== undefined || Object.keys(expiry).length > 0 || side === 'future'
      : strike !== undefined && side !== undefined,
  );
  return readings.length === 0 ? undefined : { underlying, ...(side === undefined ? {} : { side }), readings };
}

/** The parts of a word that is written together. */
function apart(word: string): string[] {
  const [, name, rest] = AFTER_NAME.exec(word) ?? [];
  if (name !== undefined) return [name, ...apart(rest!)];
  const match = TOGETHER.exec(word);
  return match === null ? [word] : match.slice(1).filter((part) => part !== undefined);
}

/** Numbers beside a month are its day or year, or the strike; one number that is left is the strike. */
function readingsOf(
  tokens: readonly Token[],
  given: ExpiryParts | undefined,
  side: ContractSide | undefined,
): ContractReading[] {
  const at = tokens.findIndex(({ kind }) => kind === 'month');
  if (tokens.some(({ kind }, index) => kind === 'month' && index !== at)) return [];
  const month = at < 0 ? undefined : MONTHS.indexOf(tokens[at]!.text) + 1;
  const numbers = new Map(
    tokens.flatMap(({ kind, text }, index) => (kind === 'number' ? [[index, text] as const] : [])),
  );
  const dates: { expiry: ExpiryParts; used: readonly number[] }[] = [];
  if (month === undefined) dates.push({ expiry: given ?? {}, used: [] });
  else if (given === undefined) {
    const [before, after, second] = [at - 1, at + 1, at + 2];
    const day = (index: number) => dayOf(numbers.get(index));
    const year = (index: number) => yearOf(numbers.get(index));
    const add = (used: readonly number[], parts: ExpiryParts) => {
      if (Object.values(parts).every((part) => part !== undefined)) dates.push({ expiry: { month, ...parts }, used });
    };
    add([before, after], { day: day(before)!, year: year(after)! });
    add([after, second], { day: day(after)!, year: year(second)! });
    add([before], { day: day(before)! });
    add([before], { year: year(before)! });
    add([after], { year: year(after)! });
    add([after], { day: day(after)! });
    add([], {});
  }
  const readings = dates.flatMap(({ expiry, used }) => {
    const left = [...numbers].filter(([index]) => !used.includes(index));
    if (left.length > 1) return [];
    return [left.length === 0 ? { expiry } : { expiry, strike: left[0]![1] }];
  });
  // An option has a strike: the 10 of `IDEA DEC 10 CE` is one.
  const isOption = side === 'call' || side === 'put';
  return [
    ...readings.filter(({ strike }) => !isOption || strike !== undefined),
    ...readings.filter(({ strike }) => isOption && strike === undefined),
  ].slice(0, MAX_READINGS);
}

function dayOf(text: string | undefined): number | undefined {
  const day = Number(text);
  return text !== undefined && /^\d{1,2}$/.test(text) && day >= 1 && day <= 31 ? day : undefined;
}

function yearOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^(?:[2-4]\d|20\d\d)$/.test(text)) return undefined;
  return text.length === 2 ? 2000 + Number(text) : Number(text);
}
