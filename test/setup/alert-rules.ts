import { readFileSync } from 'node:fs';

export interface AlertRule {
  name: string;
  /** Of several rules with one name, e.g. `1h`. */
  window: string | undefined;
  expression: string;
  /** Undefined or `0m` if it fires at once. */
  holds: string | undefined;
  severity: string | undefined;
  summary: string;
  runbook: string;
  text: string;
}

const FILE = readFileSync('prometheus/alerts.yml', 'utf8');
const TESTS = ['alerts', 'slo'].map((name) => readFileSync(`prometheus/${name}.test.yml`, 'utf8'));

/** Recording rules, as text. */
export const recordings = [...FILE.matchAll(/^ {6}- record: .*\n {8}expr: .*$/gm)].map(([text]) => text);

export const alertRules: readonly AlertRule[] = [...FILE.matchAll(/^ {6}- alert: (\w+)\n(?: {8}.*\n?)+/gm)].map(
  ([text, name]) => ({
    name: name!,
    window: /window: (\w+)/.exec(text)?.[1],
    expression: /expr: '(.*)'/.exec(text)![1]!,
    holds: /for: (\w+)/.exec(text)?.[1],
    severity: /severity: (\w+)/.exec(text)?.[1],
    summary: /summary: (.*)/.exec(text)![1]!,
    runbook: /runbook_url: (\S+)/.exec(text)![1]!,
    text: text.trimEnd(),
  }),
);

/** The names of all tests. */
export const testNames = TESTS.flatMap((file) =>
  [...file.matchAll(/^ {2}- (?:name: (.*)|.*)$/gm)].map(([text, name]) => name ?? text),
);

/** The tests of a rule in the files beside it, each with its name. */
export function testsOf({ name, window }: AlertRule): { name: string; text: string }[] {
  return TESTS.flatMap((file) => [...file.matchAll(/^ {2}- name: (.*)\n(?: {4}.*\n?|\n)+/gm)])
    .map(([text, title]) => ({ name: title!, text: text.trimEnd() }))
    .filter(({ name: title }) => title.startsWith(`${name} `))
    .filter(({ name: title }) => window === undefined || title.includes(` over ${window}`));
}

/** A fault put into a rule. */
export interface Mutation {
  what: string;
  text: string;
}

const OPPOSITE: Readonly<Record<string, string>> = {
  '>': '<',
  '<': '>',
  '>=': '<=',
  '<=': '>=',
  '==': '!=',
  '!=': '==',
};
const COMPARISON = / (>=|<=|==|!=|>|<) (?!bool)/g;

/** Each comparison reversed, each threshold moved by 40 % (0: by 10) up and down, and the time that it must hold removed. */
export function mutationsOf({ expression, holds, text }: AlertRule): Mutation[] {
  const replaced = (changed: string) => text.replace(`'${expression}'`, () => `'${changed}'`);
  const compared = [...expression.matchAll(COMPARISON)].flatMap((match) => {
    const [whole, operator] = match;
    const before = expression.slice(0, match.index);
    const after = expression.slice(match.index + whole.length);
    const moved = [1.4, 0.6].map((factor) => ({
      what: `the threshold after ${operator} times ${factor}`,
      text: replaced(before + whole + threshold(after, factor)),
    }));
    const reversed = `${before} ${OPPOSITE[operator!]} ${after}`;
    return [{ what: `${operator} reversed`, text: replaced(reversed) }, ...moved];
  });
  if (holds === undefined || holds === '0m') return compared;
  return [...compared, { what: 'for removed', text: text.replace(/\n *for: .*/, '') }];
}

function threshold(after: string, factor: number): string {
  const number = /^-?[0-9.]+(e[0-9]+)?/.exec(after)?.[0];
  if (number === undefined)
    return after.replace(/(?!group_)\b[a-z]+(?:_[a-z0-9]+)+/, (metric) => `${factor} * ${metric}`);
  const moved = Number(number) === 0 ? (factor > 1 ? 10 : -10) : Number(number) * factor;
  return moved + after.slice(number.length);
}
