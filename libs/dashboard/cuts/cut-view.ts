import { createHash } from 'node:crypto';
import type { Cut } from './cut.js';
import type { DashboardPanel } from './dashboard-panel.js';
import type { PanelChoice } from './panel-set.js';
import type { Viewer } from './viewer.js';

export type CutSource = 'database' | 'cache' | 'stale';

/** What a viewer sees of a cut, as objects and as JSON text, each made once. */
export interface CutView {
  readonly cut: Cut;
  readonly panels: Readonly<Record<string, object>>;
  /** `{"snapshot":{..},"source":"` */
  readonly head: string;
  /** `,"panels":{..}}` */
  readonly tail: string;
  /** Of the content, not of the stamp: another desk's trade does not make this viewer's copy old. */
  readonly etag: string;
}

// State -> view key -> view. A state that no cut holds any more takes its views with it.
const views = new WeakMap<object, Map<string, object>>();
const texts = new WeakMap<object, string>();
// By the states and not by the cut: one that was found unchanged is another object with the same states.
const cutViews = new WeakMap<Cut['states'], Map<string, CutView>>();

/** The panel as the viewer sees it; the same object as long as its part of the state is. */
export function panelView(cut: Cut, panel: DashboardPanel, viewer: Viewer): object {
  const state = cut.states.get(panel.name)!;
  let byKey = views.get(state);
  if (byKey === undefined) views.set(state, (byKey = new Map()));
  const key = panel.viewKey(viewer);
  let view = byKey.get(key);
  if (view === undefined) byKey.set(key, (view = panel.view(state, viewer)));
  return view;
}

/** Names what a viewer of these panels sees: viewers with the same key share every byte. */
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

/** The body of REST, of acknowledgements and of `dashboard:snapshot`, as text. */
export function bodyText(view: CutView, source: CutSource, ageMs: number): string {
  return `${view.head}${source}","ageMs":${Math.round(ageMs)}${view.tail}`;
}

/** From here on bytes are written faster than text: no encoding, no copy to put the headers before it. */
const AS_BYTES = 8_192;

/** The body as REST sends it. Made once a millisecond: requests of the same moment share it. */
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
