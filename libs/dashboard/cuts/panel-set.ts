import { unknownPanels } from '../dashboard.errors.js';
import type { DashboardPanel } from './dashboard-panel.js';

/** A choice of panels in the house's order; `key` names it in caches. The same object for the same choice. */
export interface PanelChoice {
  readonly panels: readonly DashboardPanel[];
  readonly key: string;
}

const MAX_REMEMBERED = 1_000;

/** The panels of this system, and how a caller chooses of them. */
export class PanelSet {
  readonly #byName: ReadonlyMap<string, DashboardPanel>;
  readonly #choices = new Map<string, PanelChoice>();
  readonly everything: PanelChoice;

  constructor(readonly all: readonly DashboardPanel[]) {
    this.#byName = new Map(all.map((panel) => [panel.name, panel]));
    if (this.#byName.size !== all.length) throw new Error('Two panels have the same name.');
    this.everything = choiceOf(all);
  }

  get names(): string[] {
    return [...this.#byName.keys()];
  }

  /** A choice that was made before, by the text it was asked for with. */
  remembered(asked: unknown): PanelChoice | undefined {
    return this.#choices.get(asked as string);
  }

  /** `portfolios,system` or a list of names; nothing means everything. @throws DomainError REQUEST_INVALID naming each unknown one */
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

function choiceOf(panels: readonly DashboardPanel[]): PanelChoice {
  return { panels, key: panels.map((panel) => panel.name).join(',') };
}
