import { createHash } from 'node:crypto';
import type { Cut } from './cut.js';
import type { SnapshotPanel, Viewer } from '#panels';
import type { PanelChoice } from './panel-set.js';

export type CutSource = 'database' | 'cache' | 'stale';

/** The view of a cut for a viewer, as objects and as JSON text, each made once. */
export interface CutView {
  readonly cut: Cut;
  readonly panels: Readonly<Record<string, object>>;
  /** `{"snapshot":{..},"source":"` */
  readonly head: string;
  /** `,"panels":{..}}` */
  readonly tail: string;
  /** Depends on the content and not on the stamp, so another user's trade does not change it. */
  readonly etag: string;
}

// State -> view key -> view. The views of a state are freed together with the state.
const views = new WeakMap<object, Map<string, object>>();
const texts = new WeakMap<object, string>();
// Keyed by states and not by cut, because a cut found unchanged is a new object with the same states.
const cutViews = new WeakMap<Cut['states'], Map<string, CutView>>();

/** Returns the view of a panel: the same object as long as its part of the state is the same. */
export function panelView(cut: Cut, panel: SnapshotPanel, viewer: Viewer): object {
  const state = cut.states.get(panel.name)!;
  let byKey = views.get(state);
  if (byKey === undefined) views.set(state, (byKey = new Map()));
  const key = panel.viewKey(viewer);
  let view = byKey.get(key);
  if (view === undefined) byKey.set(key, (view = panel.view(state, viewer)));
  return view;
}

/** Returns the key of a view of these panels. Viewers with the same key get the same bytes. */
export function viewKey(choice: PanelChoice, viewer: Viewer): string {
  let key = choice.key;
  for (const panel of choice.panels) key += `|${panel.viewKey(viewer)}`;
  return key;
}

/** `key` is `viewKey(choice, viewer)`. */
export function viewOf(cut: Cut, choice: PanelChoice, viewer: Viewer, key = viewKey(choice, viewer)): CutView {
  let byKey = cutViews.get(cut.states);
  if (byKey === undefined) cutViews.set(cut.states, (byKey = new Map()));
  let view = byKey.get(key);
  if (view === undefined) byKey.set(key, (view = render(cut, choice, viewer)));
  return view;
}

/** The body of REST answers, acknowledgements and `dashboard:snapshot`, as text. */
export function bodyText(view: CutView, source: CutSource, ageMs: number): string {
  return `${view.head}${source}","ageMs":${Math.round(ageMs)}${view.tail}`;
}

/** From this size on, writing bytes is faster than text: no encoding, and no copy to prepend the headers. */
const AS_BYTES = 8_192;

/** The body of a REST answer. Made once per millisecond and shared by its requests. */
export function bodyOf(view: CutView, source: CutSource, ageMs: number): string | Buffer {
  const age = Math.round(ageMs);
  const last = bodies.get(view);
  if (last?.source === source && last.age === age) return last.body;
  const text = bodyText(view, source, age);
  const body = text.length < AS_BYTES ? text : Buffer.from(text);
  bodies.set(view, { source, age, body });
  return body;
}

const bodies = new WeakMap<CutView, { source: CutSource; age: number; body: string | Buffer }>();

function render(cut: Cut, choice: PanelChoice, viewer: Viewer): CutView {
  const panels: Record<string, object> = {};
  const parts: string[] = [];
  for (const panel of choice.panels) {
    const view = panelView(cut, panel, viewer);
    panels[panel.name] = view;
    parts.push(`${JSON.stringify(panel.name)}:${textOf(view)}`);
  }
  const panelsText = `{${parts.join(',')}}`;
  const digest = createHash('sha1').update(panelsText).digest('base64url');
  return {
    cut,
    panels,
    head: `{"snapshot":${JSON.stringify(cut.snapshot)},"source":"`,
    tail: `,"panels":${panelsText}}`,
    etag: `W/"${digest}"`,
  };
}

function textOf(view: object): string {
  let text = texts.get(view);
  if (text === undefined) texts.set(view, (text = JSON.stringify(view)));
  return text;
}
