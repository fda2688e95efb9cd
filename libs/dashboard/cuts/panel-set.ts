import { unknownPanels } from '../dashboard.errors.js';
import type { SnapshotPanel } from '#panels';

/** A choice of panels in their fixed order. `key` identifies it in caches. The same choice is the same object. */
export interface PanelChoice {
  readonly panels: readonly SnapshotPanel[];
  readonly key: string;
}

const MAX_REMEMBERED = 1_000;

/** All panels, and the choice of a caller. */
export class PanelSet {
  readonly #byName: ReadonlyMap<string, SnapshotPanel>;
  readonly #choices = new Map<string, PanelChoice>();
  readonly everything: PanelChoice;

  constructor(readonly all: readonly SnapshotPanel[]) {
    this.#byName = new Map(all.map((panel) => [panel.name, panel]));
    if (this.#byName.size !== all.length) throw new Error('Two panels have the same name.');
    this.everything = choiceOf(all);
  }

  get names(): string[] {
    return [...this.#byName.keys()];
  }

  /** Returns an earlier choice by its text. */
  remembered(asked: unknown): PanelChoice | undefined {
    return this.#choices.get(asked as string);
  }

  /** Parses `portfolios,system` or a list of names. Default: all panels. @throws DomainError REQUEST_INVALID with each unknown name */
  choose(wanted: string | readonly string[] | undefined): PanelChoice {
    if (wanted === undefined) return this.everything;
    const asked = typeof wanted === 'string' ? wanted : wanted.join(',');
    const known = this.#choices.get(asked);
    if (known !== undefined) return known;
    const names = new Set(
      asked
        .split(',')
        .map((name) => name.trim())
        .filter(Boolean),
    );
    const unknown = [...names].filter((name) => !this.#byName.has(name));
    if (unknown.length > 0) throw unknownPanels(unknown, this.names);
    const choice = names.size === 0 ? this.everything : choiceOf(this.all.filter((panel) => names.has(panel.name)));
    if (this.#choices.size < MAX_REMEMBERED) this.#choices.set(asked, choice);
    return choice;
  }
}

function choiceOf(panels: readonly SnapshotPanel[]): PanelChoice {
  return { panels, key: panels.map((panel) => panel.name).join(',') };
}
