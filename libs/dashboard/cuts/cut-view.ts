import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { SnapshotStamp } from '#changes';
import { beside, RowWindow, type Viewer } from '#panels';
import type { Cut } from './cut.js';
import type { PanelChoice, PanelPart } from './panel-set.js';
import { type PanelView, PatchTexts, WholeView, WindowView } from './panel-view.js';

export type CutSource = 'database' | 'cache' | 'stale';

/**
 * Rows in the views that are kept of one state, so that no client can fill the memory with windows that nobody else asks for. A view
 * that was dropped is made again.
 */
const KEPT_ROWS = 300_000;

// State -> panel, form, parameters and view key -> view. The views of a state are freed together with the state.
const panelViews = beside<object, LRUCache<string, PanelView>>();
// Keyed by states and not by cut, because a cut found unchanged is a new object with the same states.
const cutViews = beside<Cut['states'], LRUCache<string, CutView>>();

function keptViews<View extends { size: number }>(): LRUCache<string, View> {
  return new LRUCache({ maxSize: KEPT_ROWS, sizeCalculation: ({ size }) => size });
}

/** The cut for viewers with the same key, as objects, as JSON text and as the delta to a later one. Holds no states. */
export class CutView {
  #panelsText: string | undefined;
  #etag: string | undefined;
  #head: string | undefined;
  #body: { source: CutSource; age: number; body: string | Buffer } | undefined;

  constructor(
    readonly snapshot: SnapshotStamp,
    readonly choice: PanelChoice,
    readonly views: readonly PanelView[],
  ) {}

  /** Rows in it, and at least one for each panel. */
  get size(): number {
    return this.views.reduce((sum, { size }) => sum + size, 0);
  }

  get panels(): Record<string, object> {
    return Object.fromEntries(this.choice.parts.map(({ panel }, at) => [panel.name, this.views[at]!.json]));
  }

  /** Depends on the content and not on the stamp, so another user's trade does not change it. */
  get etag(): string {
    return (this.#etag ??= `W/"${createHash('sha1').update(this.#text()).digest('base64url')}"`);
  }

  /** The body of acknowledgements and `dashboard:snapshot`. */
  bodyText(source: CutSource, ageMs: number): string {
    this.#head ??= `{"snapshot":${JSON.stringify(this.snapshot)},"source":"`;
    return `${this.#head}${source}","ageMs":${Math.round(ageMs)},"panels":${this.#text()}}`;
  }

  /** The body of a REST answer. Made once per millisecond and shared by its requests. */
  body(source: CutSource, ageMs: number): string | Buffer {
    const age = Math.round(ageMs);
    if (this.#body?.source === source && this.#body.age === age) return this.#body.body;
    const text = this.bodyText(source, age);
    const body = text.length < AS_BYTES ? text : Buffer.from(text);
    this.#body = { source, age, body };
    return body;
  }

  /**
   * `{from, to, patch}` as JSON text. The patch applies to the document `{snapshot, panels}`. Both views are of the same choice.
   * @param texts what has been made for other viewers
   */
  deltaTo(next: CutView, texts = new PatchTexts()): string {
    let patch = `{"op":"replace","path":"/snapshot","value":${JSON.stringify(next.snapshot)}}`;
    this.choice.parts.forEach(({ panel }, at) => {
      const operations = this.views[at]!.patchTo(next.views[at]!, `/panels/${panel.name}`, texts);
      if (operations !== '') patch += `,${operations}`;
    });
    const { id } = this.snapshot;
    return `{"from":${JSON.stringify(id)},"to":${JSON.stringify(next.snapshot.id)},"patch":[${patch}]}`;
  }

  #text(): string {
    return (this.#panelsText ??= `{${this.choice.parts
      .map(({ panel }, at) => `${JSON.stringify(panel.name)}:${this.views[at]!.text}`)
      .join()}}`);
  }
}

/** From this size on, writing bytes is faster than text: no encoding, and no copy to prepend the headers. */
const AS_BYTES = 8_192;

/** Returns the key of a view of these panels. Viewers with the same key get the same bytes. */
export function viewKey(choice: PanelChoice, viewer: Viewer): string {
  let key = choice.key;
  for (const { panel, parameters } of choice.parts) key += `|${panel.viewKey(viewer, parameters)}`;
  return key;
}

/** `key` is `viewKey(choice, viewer)`. */
export function viewOf(cut: Cut, choice: PanelChoice, viewer: Viewer, key = viewKey(choice, viewer)): CutView {
  let byKey = cutViews.get(cut.states);
  if (byKey === undefined) cutViews.set(cut.states, (byKey = keptViews()));
  let view = byKey.get(key);
  if (view === undefined) {
    const views = choice.parts.map((part) => panelView(cut.states.get(part.panel.name)!, part, viewer));
    byKey.set(key, (view = new CutView(cut.snapshot, choice, views)));
  } else for (const each of view.views) each.shared = true;
  return view;
}

/** Returns the view of a panel: the same object as long as its state is the same. */
function panelView(state: object, { panel, parameters, key: partKey }: PanelPart, viewer: Viewer): PanelView {
  let byKey = panelViews.get(state);
  if (byKey === undefined) panelViews.set(state, (byKey = keptViews()));
  const key = `${partKey}|${panel.viewKey(viewer, parameters)}`;
  let view = byKey.get(key);
  if (view === undefined) {
    const shown = parameters === undefined ? panel.view(state, viewer) : panel.window(state, viewer, parameters);
    byKey.set(key, (view = shown instanceof RowWindow ? new WindowView(shown) : new WholeView(shown)));
  } else view.shared = true;
  return view;
}
