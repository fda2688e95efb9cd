import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { invalidRequest, parseRequest } from '#http';
import type { SnapshotPanel } from '#panels';
import { unknownPanels } from '../dashboard.errors.js';

/** A panel as a caller asked for it. */
export interface PanelPart {
  readonly panel: SnapshotPanel;
  /** Parameters of the window form; undefined for the list form. */
  readonly parameters: object | undefined;
  /** Identifies panel, form and parameters. */
  readonly key: string;
}

/** A choice of panels in their fixed order. `key` identifies it in caches. */
export interface PanelChoice {
  readonly parts: readonly PanelPart[];
  readonly key: string;
}

/** Names of panels, in list form; or parameters by name, in window form. */
export type WantedPanels = string | readonly string[] | Readonly<Record<string, unknown>>;

const MAX_REMEMBERED = 1_000;

/** All panels, and the choice of a caller. */
export class PanelSet {
  readonly #byName: ReadonlyMap<string, SnapshotPanel>;
  readonly #choices = new LRUCache<string, PanelChoice>({ max: MAX_REMEMBERED });
  readonly everything: PanelChoice;
  readonly #windows: z.ZodObject<{ panels: z.ZodType<Record<string, object | undefined>> }>;

  constructor(readonly all: readonly SnapshotPanel[]) {
    this.#byName = new Map(all.map((panel) => [panel.name, panel]));
    if (this.#byName.size !== all.length) throw new Error('Two panels have the same name.');
    this.#windows = z.object({ panels: this.parameters as never });
    this.everything = listsOf(all.filter(({ onlyByName }) => !onlyByName));
  }

  /** Parameters of the window forms by panel: one member for each, all optional. */
  get parameters(): z.ZodType {
    return z.strictObject(Object.fromEntries(this.all.map(({ name, parameters }) => [name, parameters.optional()])));
  }

  /** What an answer shows of each panel, in either form. */
  get views(): z.ZodType {
    const either = ({ schema, windowSchema }: SnapshotPanel) =>
      windowSchema === undefined ? schema : z.union([schema, windowSchema]);
    return z.object(Object.fromEntries(this.all.map((panel) => [panel.name, either(panel).optional()])));
  }

  get names(): string[] {
    return [...this.#byName.keys()];
  }

  /** Returns an earlier choice by its text. */
  remembered(asked: unknown): PanelChoice | undefined {
    return typeof asked === 'string' ? this.#choices.get(asked) : undefined;
  }

  /**
   * Parses a choice. Text is names (`portfolios,system`), or JSON of parameters by name (`{"portfolios":{"limit":50}}`). No names
   * mean all panels but those that are shown only by name.
   * @throws DomainError REQUEST_INVALID with each unknown name and wrong parameter
   */
  choose(wanted: WantedPanels | undefined): PanelChoice {
    if (wanted === undefined) return this.everything;
    if (typeof wanted === 'string') return this.#ofText(wanted);
    if (isNames(wanted)) return this.#ofText(wanted.join(','));
    return this.#windowsOf(wanted);
  }

  #ofText(text: string): PanelChoice {
    const known = this.#choices.get(text);
    if (known !== undefined) return known;
    const choice = text.trimStart().startsWith('{')
      ? this.#windowsOf(parametersIn(text))
      : this.#listsOf(namesIn(text));
    this.#choices.set(text, choice);
    return choice;
  }

  #listsOf(names: ReadonlySet<string>): PanelChoice {
    if (names.size === 0) return this.everything;
    this.#refuseUnknown([...names]);
    const chosen = this.all.filter((panel) => names.has(panel.name));
    return listsOf(chosen);
  }

  #windowsOf(wanted: Readonly<Record<string, unknown>>): PanelChoice {
    const names = Object.keys(wanted);
    this.#refuseUnknown(names);
    const chosen = names.length === 0 ? this.all : this.all.filter((panel) => Object.hasOwn(wanted, panel.name));
    const { panels } = parseRequest('message', this.#windows, { panels: wanted });
    const parts = chosen.map((panel): PanelPart => {
      const parameters = panels[panel.name] ?? (panel.parameters.parse({}) as object);
      return { panel, parameters, key: `${panel.name}${JSON.stringify(parameters)}` };
    });
    return choiceOf(parts);
  }

  #refuseUnknown(names: readonly string[]): void {
    const unknown = names.filter((name) => !this.#byName.has(name));
    if (unknown.length > 0) throw unknownPanels(unknown, this.names);
  }
}

function listsOf(panels: readonly SnapshotPanel[]): PanelChoice {
  return choiceOf(panels.map((panel) => ({ panel, parameters: undefined, key: panel.name })));
}

function choiceOf(parts: readonly PanelPart[]): PanelChoice {
  return { parts, key: parts.map(({ key }) => key).join() };
}

function isNames(wanted: readonly string[] | Readonly<Record<string, unknown>>): wanted is readonly string[] {
  return Array.isArray(wanted);
}

function namesIn(text: string): Set<string> {
  const names = text.split(',').map((name) => name.trim());
  return new Set(names.filter(Boolean));
}

function parametersIn(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw invalidRequest(
      [{ field: 'panels', seen: text.slice(0, 60), allowed: 'JSON such as {"portfolios":{"limit":50}}' }],
      'The parameters of the panels are not JSON.',
    );
  }
}
