/** One test of an event. Its members depend on `op`. */
export interface TestNode {
  op: string;
  field?: string;
  [member: string]: unknown;
}

/** The condition of a rule as the builder edits it. Unfinished tests are allowed; the desk checks the tree. */
export type ConditionNode = { all: ConditionNode[] } | { any: ConditionNode[] } | { not: ConditionNode } | TestNode;
export type NodeKind = 'all' | 'any' | 'not' | 'test';
/** Child indexes from the root; the child of `not` has index 0. */
export type NodePath = readonly number[];

export function kindOf(node: ConditionNode): NodeKind {
  if ('all' in node) return 'all';
  if ('any' in node) return 'any';
  return 'not' in node ? 'not' : 'test';
}

export function childrenOf(node: ConditionNode): readonly ConditionNode[] {
  if ('all' in node) return node.all as ConditionNode[];
  if ('any' in node) return node.any as ConditionNode[];
  return 'not' in node ? [node.not as ConditionNode] : [];
}

/** Whether the builder can show a value. JSON that it cannot show stays in the editor of JSON. */
export function isCondition(value: unknown): value is ConditionNode {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const kinds = ['all', 'any', 'not', 'op'].filter((key) => Object.hasOwn(value, key));
  if (kinds.length !== 1) return false;
  const [kind] = kinds as [string];
  const inner = (value as Record<string, unknown>)[kind];
  if (kind === 'op') return typeof inner === 'string';
  if (kind === 'not') return isCondition(inner);
  return Array.isArray(inner) && inner.every(isCondition);
}

export function replaceNode(tree: ConditionNode, path: NodePath, node: ConditionNode): ConditionNode {
  const [index, ...rest] = path;
  if (index === undefined) return node;
  const children = childrenOf(tree).map((child, at) => (at === index ? replaceNode(child, rest, node) : child));
  return withChildren(tree, children);
}

export function addNode(tree: ConditionNode, path: NodePath, node: ConditionNode): ConditionNode {
  const group = nodeAt(tree, path);
  return replaceNode(tree, path, withChildren(group, [...childrenOf(group), node]));
}

/** Removes a node. A group that would be empty leaves with it. @returns undefined when nothing is left */
export function removeNode(tree: ConditionNode, path: NodePath): ConditionNode | undefined {
  const [index, ...rest] = path;
  if (index === undefined) return undefined;
  const children = childrenOf(tree).flatMap((child, at) => {
    if (at !== index) return [child];
    const left = removeNode(child, rest);
    return left === undefined ? [] : [left];
  });
  return children.length === 0 ? undefined : withChildren(tree, children);
}

/** Changes `all` into `any` and back, wraps in `not` or in a group, or unwraps. No test is lost. */
export function changeKind(node: ConditionNode, kind: Exclude<NodeKind, 'test'>): ConditionNode {
  if (kindOf(node) === kind) return node;
  const children = kindOf(node) === 'test' ? [node] : childrenOf(node);
  if (kind === 'not') return { not: children.length === 1 ? children[0]! : node };
  return kind === 'all' ? { all: [...children] } : { any: [...children] };
}

/** Finds the node that a refusal of the desk names: `condition.all[2].not.value` is the path [2, 0]. */
export function pathOfIssue(field: string): NodePath {
  const path: number[] = [];
  for (const [, index, dotted] of field.matchAll(/\.(?:all|any|not)\b(?:\[(\d+)\]|\.(\d+))?/g))
    path.push(Number(index ?? dotted ?? 0));
  return path;
}

function nodeAt(tree: ConditionNode, path: NodePath): ConditionNode {
  return path.reduce((node, index) => childrenOf(node)[index]!, tree);
}

function withChildren(node: ConditionNode, children: readonly ConditionNode[]): ConditionNode {
  const kind = kindOf(node);
  if (kind === 'all') return { all: [...children] };
  if (kind === 'any') return { any: [...children] };
  return kind === 'not' && children.length > 0 ? { not: children[0]! } : node;
}
