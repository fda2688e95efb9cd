import { beside, type RowWindow, sameJson } from '#panels';
import { diffJson } from './json-diff.js';

/**
 * Patches that are made while the frames of one cut are, each once for all viewers: of a panel by its view, of a row by the row. Not
 * kept with the views: until the next cut the garbage collector would copy 6 MB of texts that nobody asks for again.
 */
export class PatchTexts {
  readonly panels = new Map<PanelView, { next: PanelView; text: string }>();
  /** By the new row. Rows belong to one panel. All viewers but those that are sent merged deltas come from the same one. */
  readonly rows = new Map<object, { before: object; text: string }>();
}

/** What viewers with the same key see of a panel at a cut: as text, and as the patch to the next. */
export abstract class PanelView {
  /** As a JSON value. */
  abstract readonly json: object;
  /** As JSON text. */
  abstract readonly text: string;
  /** Rows of a window, and at least one. */
  readonly size: number = 1;
  /** Whether several viewers have asked for it: only then is its patch kept for the others. */
  shared = false;
  protected abstract compare(next: PanelView, path: string, texts: PatchTexts): string;

  /** Returns the operations of the RFC 6902 patch that leads to `next`, without the enclosing brackets. */
  patchTo(next: PanelView, path: string, texts = new PatchTexts()): string {
    if (next === this) return '';
    if (!this.shared) return this.compare(next, path, texts);
    const known = texts.panels.get(this);
    if (known?.next === next) return known.text;
    const text = this.compare(next, path, texts);
    texts.panels.set(this, { next, text });
    return text;
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

  constructor(readonly window: RowWindow) {
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
    this.order.forEach(
      (key, at) => (text += `${at === 0 ? '' : ','}${JSON.stringify(key)}:${rowText(this.window, rows[at]!)}`),
    );
    const members = JSON.stringify(rest).slice(1);
    return `${text}}${members === '}' ? '' : ','}${members}`;
  }

  protected compare(next: PanelView, path: string, texts: PatchTexts): string {
    if (!(next instanceof WindowView)) return operationsText(diffJson(this.json, next.json, path));
    const rows = changedRows(this, next, path, texts) ?? movedRows(this, next, path, texts);
    const rest = diffJson(this.window.rest, next.window.rest, path);
    return rest.length === 0 ? rows : joined(rows, operationsText(rest));
  }
}

const texts = beside<object, string>();

function rowText({ textOf }: RowWindow, row: object): string {
  let text = texts.get(row);
  if (text === undefined) texts.set(row, (text = textOf(row)));
  return text;
}

/** A chain of strings, which becomes one string when the frame is written: `join` would copy it first. */
function joined(one: string, other: string): string {
  if (one === '') return other;
  return other === '' ? one : `${one},${other}`;
}

/** @param rows the path of the rows, as `pathText` gives it */
function rowPatch(
  { rows: known }: PatchTexts,
  { textOf, keyOf }: RowWindow,
  before: object,
  after: object,
  rows: string,
): string {
  const made = () => rowOperations(before as Row, after as Row, rowPath(rows, keyOf(after)), textOf);
  // Such a text costs less to make than to keep.
  if (textOf !== JSON.stringify) return made();
  const one = known.get(after);
  if (one?.before === before) return one.text;
  const text = made();
  known.set(after, { before, text });
  return text;
}

type Row = Readonly<Record<string, unknown>>;

/** An operation takes as much text as some four members of a row. */
const MEMBERS_OF_OPERATION = 4;

/** Replaces the whole row if so many members changed that their operations would be longer. */
function rowOperations(before: Row, after: Row, path: string, textOf: (row: Row) => string): string {
  let [members, scalar] = [0, true];
  const changed: string[] = [];
  for (const name in after) {
    members += 1;
    if (isSameMember(before, after, name)) continue;
    changed.push(name);
    scalar &&= isScalar(before[name]) && isScalar(after[name]);
  }
  if (changed.length * MEMBERS_OF_OPERATION >= members)
    return `{"op":"replace","path":${path}","value":${textOf(after)}}`;
  if (!scalar || !sameMembers(before, after))
    return operationsText(diffJson(before, after, JSON.parse(`${path}"`) as string));
  // Joined to one string, because a chain of pieces is three times as large: it is kept for the other viewers.
  return changed
    .map((name) => `{"op":"replace","path":${path}${memberText(name)}","value":${JSON.stringify(after[name])}}`)
    .join();
}

function isSameMember(before: Row, after: Row, name: string): boolean {
  return before[name] === after[name] || sameJson(before[name], after[name]);
}

const memberTexts = new Map<string, string>();

/** A member of a row as the end of a path in JSON text. Panels have some 50 of them. */
function memberText(name: string): string {
  let text = memberTexts.get(name);
  if (text === undefined) memberTexts.set(name, (text = JSON.stringify(pathOf('', name)).slice(1, -1)));
  return text;
}

function isScalar(value: unknown): boolean {
  return value === null || (typeof value !== 'object' && value !== undefined);
}

function sameMembers(before: Row, after: Row): boolean {
  for (const name in before) if (!Object.hasOwn(after, name)) return false;
  return true;
}

/** Undefined if rows came, went or moved. In one walk, since each tick takes it for every window. */
function changedRows(from: WindowView, to: WindowView, path: string, texts: PatchTexts): string | undefined {
  const { rows, keyOf } = from.window;
  const others = to.window.rows;
  if (rows.length !== others.length) return undefined;
  let patches = '';
  const rowsPath = pathText(`${path}/rows`);
  for (let at = 0; at < rows.length; at++) {
    const [before, after] = [rows[at]!, others[at]!];
    if (before === after) continue;
    if (keyOf(before) !== keyOf(after)) return undefined;
    patches = joined(patches, rowPatch(texts, to.window, before, after, rowsPath));
  }
  return patches;
}

function movedRows(from: WindowView, to: WindowView, path: string, texts: PatchTexts): string {
  const patches: string[] = [];
  const before = new Map(from.order.map((key, at) => [key, from.window.rows[at]!]));
  const after = new Set(to.order);
  const rowsPath = pathText(`${path}/rows`);
  for (const key of from.order) if (!after.has(key)) patches.push(operation('remove', pathOf(`${path}/rows`, key)));
  to.order.forEach((key, at) => {
    const row = to.window.rows[at]!;
    const old = before.get(key);
    if (old === undefined) patches.push(operation('add', pathOf(`${path}/rows`, key), rowText(to.window, row)));
    else if (old !== row) patches.push(rowPatch(texts, to.window, old, row, rowsPath));
  });
  patches.push(...orderPatches(from.order, to.order, after, `${path}/order`));
  return patches.reduce(joined, '');
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

/** A path as JSON text without its closing quote. */
function pathText(path: string): string {
  return JSON.stringify(path).slice(0, -1);
}

/** Keys that neither JSON nor a path escapes: printable ASCII without `"`, `/`, `\` and `~`. Nearly all are. */
const PLAIN = /^[ !#-.0-[\]-}]*$/;

/** The path of a row, as `pathText` gives it. */
function rowPath(rows: string, key: string): string {
  return PLAIN.test(key) ? `${rows}/${key}` : rows + pathText(pathOf('', key)).slice(1);
}

/** Escapes `~` and `/` (RFC 6901). */
function pathOf(path: string, key: string): string {
  if (!key.includes('~') && !key.includes('/')) return `${path}/${key}`;
  return `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
