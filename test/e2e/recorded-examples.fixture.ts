import type { OperationsDesk, Sent } from './operations-desk.fixture.js';

/** As `apps/api/operations/examples.json` has it. */
export interface RecordedExample {
  path?: unknown;
  query?: unknown;
  body?: unknown;
  type?: string;
  status: number;
  answer?: unknown;
  answerType?: string;
}

const MOST_ITEMS = 2;
const MOST_CHARACTERS = 400;
const UUID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b/g;
const TIME = /\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.(\d{3,6})Z/g;
const BASE = Date.parse('2026-11-26T09:15:00Z');

/** Fields of answers that are secrets, with what the document shows. */
const SECRETS: Readonly<Record<string, string>> = {
  accessToken: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIuLiJ9.c2lnbmF0dXJl',
  refreshToken: 'the-refresh-token',
  key: 'the-api-key',
  secret: `whsec_${'A'.repeat(43)}=`,
  oneTimePassword: 'aaaaa-bbbbb-ccccc-ddddd-eeeee',
};

/** What was sent, as the document shows it: the same at each run but for figures such as durations. */
export function recordedExamples(
  { sent, receiver, servers }: OperationsDesk,
  startedAt: number,
): Record<string, RecordedExample> {
  const ids = new Map<string, string>();
  const stable = (text: string) =>
    text
      .replaceAll(`http://${receiver.host}`, 'https://hooks.example.com')
      .replaceAll(servers.origin, 'https://wire.example.com')
      .replace(/(\w+)-\d+-\d+@test\.example/g, '$1@desk.example')
      .replace(UUID, (id) => {
        if (!ids.has(id)) ids.set(id, `019ac000-0000-7000-8000-${String(ids.size + 1).padStart(12, '0')}`);
        return ids.get(id)!;
      })
      .replace(TIME, (time, digits: string) => {
        const since = Date.parse(time) - startedAt;
        const at = since < -60_000 ? Date.parse(time) : BASE + Math.max(0, Math.round(since / 1_000)) * 1_000;
        return `${new Date(at).toISOString().slice(0, 19)}.${'0'.repeat(digits.length)}Z`;
      });
  const shown = (value: unknown, name = ''): unknown => {
    if (typeof value === 'string') {
      const text = SECRETS[name] !== undefined && value.length > 20 ? SECRETS[name] : stable(value);
      return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS - 1)}…` : text;
    }
    if (Array.isArray(value)) return value.slice(0, MOST_ITEMS).map((item) => shown(item));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [stable(key), shown(inner, key)]));
  };
  const example = ({ request, status, type, body }: Sent): RecordedExample => ({
    ...(shown(request) as object),
    status,
    ...(body === '' ? {} : { answer: shown(body), answerType: type! }),
  });
  return Object.fromEntries([...sent].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, one]) => [id, example(one)]));
}

/** How two values differ in shape: other fields, or other types. Lists are compared by their first items; null fits all. */
export function shapeDifferences(recorded: unknown, now: unknown, at = ''): string[] {
  if (recorded === null || now === null) return [];
  if (Array.isArray(recorded) && Array.isArray(now))
    return recorded.length > 0 && now.length > 0 ? shapeDifferences(recorded[0], now[0], `${at}[0]`) : [];
  const [kind, other] = [recorded, now].map((value) => (Array.isArray(value) ? 'array' : typeof value));
  if (kind !== other) return [`${at}: recorded as ${kind}, now ${other}`];
  if (kind !== 'object') return [];
  const [before, after] = [recorded, now] as Record<string, unknown>[];
  return [...new Set([...Object.keys(before!), ...Object.keys(after!)])].flatMap((key) => {
    const place = at === '' ? key : `${at}.${key}`;
    if (!(key in before!)) return [`${place}: not recorded`];
    if (!(key in after!)) return [`${place}: recorded, and no longer there`];
    return shapeDifferences(before![key], after![key], place);
  });
}
