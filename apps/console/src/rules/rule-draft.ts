import { newTest } from './condition-test-shapes.js';
import { type ConditionNode, isCondition } from './condition-tree.js';
import type { QuietSpan } from './quiet-week.js';

/** A rule as the desk takes it. The builder and the JSON edit the same one. */
export interface RuleDraft {
  name: string;
  scope?: 'mine' | 'desk';
  enabled: boolean;
  severity: 'info' | 'warning' | 'critical';
  condition: ConditionNode;
  channels: string[];
  quietHours: { timeZone: string; windows: QuietSpan[] } | null;
  dedupe: { windowSeconds: number; by: string[] } | null;
  message: { title?: string; body?: string };
}

/** What the editor holds: the text, and the rule that the builder shows. */
export interface RuleEditing {
  text: string;
  draft: RuleDraft;
  /** Why the text is no rule. The builder shows the last rule that it was. */
  problem?: string;
}

interface StoredRule extends Omit<RuleDraft, 'condition' | 'quietHours' | 'scope'> {
  scope: 'mine' | 'desk';
  condition: unknown;
  quietHours: unknown;
}

const FIELDS = ['name', 'scope', 'enabled', 'severity', 'condition', 'channels', 'quietHours', 'dedupe', 'message'];
/** A built-in rule keeps its name, condition, scope and channels. */
const BUILT_IN_FIELDS = ['enabled', 'severity', 'quietHours', 'dedupe', 'message'];

export function blankRule(): RuleDraft {
  return {
    name: '',
    scope: 'mine',
    enabled: true,
    severity: 'warning',
    condition: { all: [newTest('equals', 'type')] },
    channels: [],
    quietHours: null,
    dedupe: null,
    message: {},
  };
}

export function draftOf(rule: StoredRule): RuleDraft {
  const picked = Object.fromEntries(FIELDS.map((name) => [name, rule[name as keyof StoredRule]]));
  return structuredClone(picked) as unknown as RuleDraft;
}

/** A copy to be saved as a rule of its own, switched off until its writer has looked at it. */
export function cloneOf(rule: StoredRule): RuleDraft {
  return { ...draftOf(rule), name: `${rule.name} (copy)`.slice(0, 200), enabled: false };
}

export function editingOf(draft: RuleDraft): RuleEditing {
  return { draft, text: JSON.stringify(draft, undefined, 2) };
}

/** The builder changed the rule. */
export function changeDraft({ draft }: RuleEditing, change: Partial<RuleDraft>): RuleEditing {
  return editingOf({ ...draft, ...change });
}

/** The writer typed into the JSON. A text that is no rule is kept, with the reason. */
export function changeText({ draft }: RuleEditing, text: string): RuleEditing {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    return { text, draft, problem: `Not JSON: ${(error as Error).message}` };
  }
  const problem = problemOf(parsed);
  return problem === undefined
    ? { text, draft: { ...defaults(), ...(parsed as RuleDraft) } }
    : { text, draft, problem };
}

/** What PATCH takes: the fields that differ from the stored rule. */
export function patchOf(stored: StoredRule & { builtIn: string | null }, draft: RuleDraft): Partial<RuleDraft> {
  const before = draftOf(stored);
  const names = (stored.builtIn === null ? FIELDS : BUILT_IN_FIELDS).filter((name) => name !== 'scope');
  const changed = names.filter(
    (name) => JSON.stringify(before[name as keyof RuleDraft]) !== JSON.stringify(draft[name as keyof RuleDraft]),
  );
  return Object.fromEntries(changed.map((name) => [name, draft[name as keyof RuleDraft]]));
}

function problemOf(parsed: unknown): string | undefined {
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    return 'A rule is an object: {"name": ..}';
  const rule = parsed as Record<string, unknown>;
  const unknown = Object.keys(rule).filter((name) => !FIELDS.includes(name));
  if (unknown.length > 0) return `${unknown.join(', ')}: no field of a rule. It has ${FIELDS.join(', ')}.`;
  if (typeof rule['name'] !== 'string') return 'name: a text is needed.';
  if (!['info', 'warning', 'critical'].includes(rule['severity'] as string))
    return 'severity: one of info, warning, critical.';
  if (!isCondition(rule['condition']))
    return 'condition: {"all": [..]}, {"any": [..]}, {"not": ..} or a test {"op": .., "field": ..}.';
  if (rule['channels'] !== undefined && !isTexts(rule['channels'])) return 'channels: a list of endpoint ids.';
  if (rule['quietHours'] != null && !isQuietHours(rule['quietHours']))
    return 'quietHours: null or {"timeZone": "Europe/Paris", "windows": [{"from": "22:00", "to": "07:00"}]}.';
  if (rule['dedupe'] != null && !isDedupe(rule['dedupe'])) return 'dedupe: null or {"windowSeconds": 300, "by": [..]}.';
  if (rule['message'] !== undefined && (typeof rule['message'] !== 'object' || rule['message'] === null))
    return 'message: {"title": .., "body": ..}, both optional.';
  return undefined;
}

function defaults(): Omit<RuleDraft, 'name' | 'severity' | 'condition'> {
  return { scope: 'mine', enabled: true, channels: [], quietHours: null, dedupe: null, message: {} };
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

function isQuietHours(value: unknown): boolean {
  const { timeZone, windows } = value as { timeZone?: unknown; windows?: unknown };
  const time = /^([01]\d|2[0-4]):[0-5]\d$/;
  return (
    typeof timeZone === 'string' &&
    Array.isArray(windows) &&
    windows.every((window) => {
      const { from, to, days } = (window ?? {}) as { from?: unknown; to?: unknown; days?: unknown };
      return (
        [from, to].every((each) => typeof each === 'string' && time.test(each)) && (days === undefined || isTexts(days))
      );
    })
  );
}

function isDedupe(value: unknown): boolean {
  const { windowSeconds, by } = value as { windowSeconds?: unknown; by?: unknown };
  return typeof windowSeconds === 'number' && (by === undefined || isTexts(by));
}
