import type { Cut } from './cut.js';
import { panelView } from './cut-view.js';
import type { SnapshotPanel, Viewer } from '#panels';
import { diffJson } from './json-diff.js';
import type { PanelChoice } from './panel-set.js';

/**
 * The patch from one cut to the next. The patch of a panel is made once for all viewers with the same view of it.
 */
export class CutDelta {
  readonly #snapshot: string;
  readonly #head: string;
  readonly #patches = new Map<string, string>();

  constructor(
    readonly from: Cut,
    readonly to: Cut,
  ) {
    this.#snapshot = JSON.stringify({ op: 'replace', path: '/snapshot', value: to.snapshot });
    this.#head = `{"from":${JSON.stringify(from.snapshot.id)},"to":${JSON.stringify(to.snapshot.id)},"patch":[`;
  }

  /** `{from, to, patch}` as JSON text. The patch applies to the document `{snapshot, panels}`. */
  text(choice: PanelChoice, viewer: Viewer): string {
    let patch = this.#snapshot;
    for (const panel of choice.panels) {
      const operations = this.#ofPanel(panel, viewer);
      if (operations !== '') patch += `,${operations}`;
    }
    return `${this.#head}${patch}]}`;
  }

  /** The operations without the enclosing brackets. */
  #ofPanel(panel: SnapshotPanel, viewer: Viewer): string {
    if (this.from.states.get(panel.name) === this.to.states.get(panel.name)) return '';
    const key = `${panel.name}|${panel.viewKey(viewer)}`;
    let text = this.#patches.get(key);
    if (text === undefined) {
      const operations = diffJson(
        panelView(this.from, panel, viewer),
        panelView(this.to, panel, viewer),
        `/panels/${panel.name}`,
      );
      text = JSON.stringify(operations).slice(1, -1);
      this.#patches.set(key, text);
    }
    return text;
  }
}
