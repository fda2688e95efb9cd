import type { Severity } from './alert-rule.js';
import { cleanLine, cleanText, fitText } from '#text';
import { type AlertEvent, textsAt } from '../conditions/event-view.js';

export interface AlertLink {
  title: string;
  url: string;
}

/** The text of an alert, before the limits of a channel. */
export interface AlertDraft {
  title: string;
  body: string;
  links: AlertLink[];
  fields: { name: string; value: string }[];
}

/** The content of the messages about an alert. */
export interface AlertContent extends AlertDraft {
  id: string;
  severity: Severity;
  raisedAt: Date;
  event: AlertEvent;
  rule: { id: string; name: string };
}

/** Title and body of a rule. `{payload.symbol}` is replaced by that field of the event. */
export interface MessageTemplate {
  title?: string | undefined;
  body?: string | undefined;
}

/** Thrown when no message can be made of the alert. Its text is the reason. */
export class Unformattable extends Error {}

const LONGEST = { title: 500, body: 8_000, value: 2_000, url: 2_000 };
const MOST_FIELDS = 25;
const MOST_LINKS = 10;
const TITLES = ['payload.title', 'payload.headline'];
const NAME = 'payload.name';
const BODIES = [
  'payload.body',
  'payload.summary',
  'payload.description',
  'payload.message',
  'payload.reason',
  'payload.why',
];
const LINKS = ['payload.url', 'payload.link', 'payload.links.url', 'payload.links'];
export const PLACEHOLDER = /\{([^{}]*)\}/g;

/** @throws Unformattable when a template names a field that is empty in the event, or the title is empty */
export function draftOf(event: AlertEvent, template: MessageTemplate): AlertDraft {
  const title = fitText(
    cleanLine(template.title === undefined ? (first(event, TITLES) ?? named(event)) : filled(template.title, event)),
    LONGEST.title,
  );
  if (title === '') throw new Unformattable('the title is empty');
  const body = template.body === undefined ? (first(event, BODIES) ?? '') : filled(template.body, event);
  return {
    title,
    body: fitText(cleanText(body), LONGEST.body),
    links: linksOf(event),
    fields: fieldsOf(event, [...TITLES, NAME, ...BODIES, ...LINKS]),
  };
}

/** A draft that is always possible, for an alert whose templates cannot be filled. */
export function plainDraft(event: AlertEvent): AlertDraft {
  return { title: words(event.type), body: '', links: [], fields: [] };
}

function first(event: AlertEvent, paths: readonly string[]): string | undefined {
  for (const path of paths) {
    const text = textsAt(event, path)[0];
    if (text !== undefined && cleanText(text) !== '') return text;
  }
  return undefined;
}

function filled(template: string, event: AlertEvent): string {
  return template.replace(PLACEHOLDER, (_, path: string) => {
    const texts = textsAt(event, path);
    if (texts.length === 0) throw new Unformattable(`the event has no ${path}, which the rule's message names`);
    return texts.slice(0, 20).join(', ');
  });
}

/** Only http and https: `javascript:` and `file:` links of a feed are left out. */
function linksOf(event: AlertEvent): AlertLink[] {
  const urls = LINKS.flatMap((path) => textsAt(event, path))
    .map(httpUrl)
    .filter((url) => url !== undefined);
  return [...new Set(urls)].slice(0, MOST_LINKS).map((url) => ({ title: new URL(url).hostname, url }));
}

function httpUrl(text: string): string | undefined {
  const url = URL.parse(text.trim());
  if (
    url === null ||
    (url.protocol !== 'https:' && url.protocol !== 'http:') ||
    url.username !== '' ||
    url.password !== ''
  )
    return undefined;
  return url.href.length > LONGEST.url ? undefined : url.href;
}

/** The other plain values of the payload, by name. */
function fieldsOf(event: AlertEvent, used: readonly string[]): AlertDraft['fields'] {
  const fields: AlertDraft['fields'] = [];
  const add = (name: string, path: string): void => {
    const value = cleanText(textsAt(event, path).slice(0, 20).join(', '));
    if (value !== '' && fields.length < MOST_FIELDS) fields.push({ name, value: fitText(value, LONGEST.value) });
  };
  if (event.broker !== null) add('broker', 'broker');
  const payload: unknown = event.payload;
  if (typeof payload !== 'object' || payload === null) return fields;
  for (const key of Object.keys(payload)) {
    if (key.includes('.') || used.includes(`payload.${key}`)) continue;
    const name = fitText(cleanLine(key), 100);
    if (name !== '') add(name, `payload.${key}`);
  }
  return fields;
}

function named(event: AlertEvent): string {
  const name = first(event, [NAME]);
  return name === undefined ? words(event.type) : `${words(event.type)}: ${name}`;
}

/** `FeedWentStale` as `Feed went stale`. */
function words(type: string): string {
  const text = type.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
  return text.charAt(0).toUpperCase() + text.slice(1);
}
