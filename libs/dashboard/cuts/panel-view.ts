import { type RowWindow, sameJson } from '#panels';
import { diffJson } from './json-diff.js';

/** What viewers with the same key see of a panel at a cut: as text, and as the patch to the next. Each is made once. */
export abstract class PanelView {
  readonly #patches = new WeakMap<PanelView, string>();

  /** As a JSON value. */
  abstract readonly json: object;
  /** As JSON text. */
  abstract readonly text: string;
  /** Rows of a window, and at least one. */
  readonly size: number = 1;
  protected abstract compare(next: PanelView, path: string): string;

  /** Returns the operations of the RFC 6902 patch that leads to `next`, without the enclosing brackets. */
  patchTo(next: PanelView, path: string): string {
    if (next === this) return '';
    let patch = this.#patches.get(next);
    if (patch === undefined) this.#patches.set(next, (patch = this.compare(next, path)));
    return patch;
  }
}

/** A panel as one JSON value: the list form, and panels without rows. */
export class WholeView extends PanelView {
  #text: string | undefined;

  constructor(readonly json: object) {
    super();
  }

  get text(): string {
    return (this.#text ??= JSON.stringify(this.json));
  }

  protected compare(next: PanelView, path: string): string {
    return operationsText(diffJson(this.json, next.json, path));
  }
}

/** A panel in window form: rows by key and their order. The text and the patch of a row are made once for all windows it is in. */
export class WindowView extends PanelView {
  override readonly size: number;
  #order: readonly string[] | undefined;

  /** @param rowPatches to rows of the state that the window is of */
  constructor(
    readonly window: RowWindow,
    readonly rowPatches: RowPatches,
  ) {
    super();
    this.size = window.rows.length + 1;
  }

  get order(): readonly string[] {
    return (this.#order ??= this.window.rows.map(this.window.keyOf));
  }

  get json(): object {
    const { rows, rest } = this.window;
    return { order: this.order, rows: Object.fromEntries(this.order.map((key, at) => [key, rows[at]])), ...rest };
  }

  get text(): string {
    const { rows, rest } = this.window;
    let text = `{"order":${JSON.stringify(this.order)},"rows":{`;
    this.order.forEach((key, at) => (text += `${at === 0 ? '' : ','}${JSON.stringify(key)}:${rowText(rows[at]!)}`));
    const members = JSON.stringify(rest).slice(1);
    return `${text}}${members === '}' ? '' : ','}${members}`;
  }

  protected compare(next: PanelView, path: string): string {
    if (!(next instanceof WindowView)) return operationsText(diffJson(this.json, next.json, path));
    const patches = changedRows(this, next, path) ?? movedRows(this, next, path);
    const rest = diffJson(this.window.rest, next.window.rest, path);
    if (rest.length > 0) patches.push(operationsText(rest));
    return patches.join();
  }
}

const texts = new WeakMap<object, string>();

function rowText(row: object): string {
  let text = texts.get(row);
  if (text === undefined) texts.set(row, (text = JSON.stringify(row)));
  return text;
}

/**
 * New row of a state -> its patch from an earlier row. One for each row: all viewers but those that are sent merged deltas come from
 * the same one. A map for each state and not a WeakMap of rows, which costs the garbage collector a walk over all of them.
 */
export type RowPatches = Map<object, { before: object; text: string }>;

function rowPatch(patches: RowPatches, before: object, after: object, path: string, key: string): string {
  const known = patches.get(after);
  if (known?.before === before) return known.text;
  const text = rowOperations(before as Row, after as Row, pathOf(path, key));
  patches.set(after, { before, text });
  return text;
}

type Row = Readonly<Record<string, unknown>>;

/** An operation takes as much text as some four members of a row. */
const MEMBERS_OF_OPERATION = 4;

/** Replaces the whole row if so many members changed that their operations would be longer. */
function rowOperations(before: Row, after: Row, path: string): string {
  const changed: string[] = [];
  let members = 0;
  for (const name in after) {
    members += 1;
    if (!sameJson(before[name], after[name])) changed.push(name);
  }
  if (changed.length * MEMBERS_OF_OPERATION >= members) return operation('replace', path, JSON.stringify(after));
  if (changed.every((name) => isScalar(before[name]) && isScalar(after[name])) && sameMembers(before, after))
    return changed.map((name) => operation('replace', pathOf(path, name), JSON.stringify(after[name]))).join();
  return operationsText(diffJson(before, after, path));
}

function isScalar(value: unknown): boolean {
  return value === null || (typeof value !== 'object' && value !== undefined);
}

function sameMembers(before: Row, after: Row): boolean {
  for (const name in before) if (!Object.hasOwn(after, name)) return false;
  return true;
}

/** Undefined if rows came, went or moved. In one walk, since each tick takes it for every window. */
function changedRows(from: WindowView, to: WindowView, path: string): string[] | undefined {
  const { rows, keyOf } = from.window;
  const others = to.window.rows;
  if (rows.length !== others.length) return undefined;
  const patches: string[] = [];
  const rowsPath = `${path}/rows`;
  for (let at = 0; at < rows.length; at++) {
    const [before, after] = [rows[at]!, others[at]!];
    if (before === after) continue;
    const key = keyOf(after);
    if (keyOf(before) !== key) return undefined;
    const patch = rowPatch(to.rowPatches, before, after, rowsPath, key);
    if (patch !== '') patches.push(patch);
  }
  return patches;
}

function movedRows(from: WindowView, to: WindowView, path: string): string[] {
  const patches: string[] = [];
  const before = new Map(from.order.map((key, at) => [key, from.window.rows[at]!]));
  const after = new Set(to.order);
  for (const key of from.order) if (!after.has(key)) patches.push(operation('remove', pathOf(`${path}/rows`, key)));
  to.order.forEach((key, at) => {
    const row = to.window.rows[at]!;
    const old = before.get(key);
    if (old === undefined) patches.push(operation('add', pathOf(`${path}/rows`, key), rowText(row)));
    else if (old !== row) {
      const patch = rowPatch(to.rowPatches, old, row, `${path}/rows`, key);
      if (patch !== '') patches.push(patch);
    }
  });
  patches.push(...orderPatches(from.order, to.order, after, `${path}/order`));
  return patches;
}

/** Removes and inserts single keys if the others keep their order, else replaces the whole order. */
function orderPatches(
  before: readonly string[],
  after: readonly string[],
  stays: ReadonlySet<string>,
  path: string,
): string[] {
  const whole = [operation('replace', path, JSON.stringify(after))];
  const patches: string[] = [];
  const kept: string[] = [];
  before.forEach((key) => {
    if (stays.has(key)) kept.push(key);
    else patches.push(operation('remove', `${path}/${kept.length}`));
  });
  let next = 0;
  for (const [at, key] of after.entries()) {
    if (kept[next] === key) next += 1;
    else patches.push(operation('add', `${path}/${at}`, JSON.stringify(key)));
    if (patches.length * 2 > after.length) return whole;
  }
  return next === kept.length ? patches : whole;
}

function operation(op: string, path: string, valueText?: string): string {
  const value = valueText === undefined ? '' : `,"value":${valueText}`;
  return `{"op":"${op}","path":${JSON.stringify(path)}${value}}`;
}

function operationsText(operations: readonly object[]): string {
  return JSON.stringify(operations).slice(1, -1);
}

/** Escapes `~` and `/` (RFC 6901). */
function pathOf(path: string, key: string): string {
  return `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
