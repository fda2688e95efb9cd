import { changeOperator, describeCondition, newTest, withMember } from './condition-test-shapes.js';
import {
  addNode,
  changeKind,
  type ConditionNode,
  isCondition,
  pathOfIssue,
  removeNode,
  replaceNode,
} from './condition-tree.js';

const a = newTest('equals', 'type');
const b = newTest('gt', 'payload.price');
const c = newTest('exists', 'broker');
const tree: ConditionNode = { all: [a, { any: [b, { not: c }] }] };

describe('the condition tree of the rule builder', () => {
  it('a node is replaced, added and removed at its path, and the given tree stays as it was', () => {
    const before = structuredClone(tree);
    expect(replaceNode(tree, [1, 1, 0], b)).toEqual({ all: [a, { any: [b, { not: b }] }] });
    expect(addNode(tree, [1], c)).toEqual({ all: [a, { any: [b, { not: c }, c] }] });
    expect(removeNode(tree, [1, 0])).toEqual({ all: [a, { any: [{ not: c }] }] });
    expect(tree).toEqual(before);
  });

  it('a group that loses its last node is removed with it', () => {
    expect(removeNode({ all: [a, { not: c }] }, [1, 0])).toEqual({ all: [a] });
    expect(removeNode({ any: [a] }, [0])).toBeUndefined();
  });

  it('a change of kind keeps every test', () => {
    expect(changeKind(tree, 'any')).toEqual({ any: [a, { any: [b, { not: c }] }] });
    expect(changeKind(a, 'all')).toEqual({ all: [a] });
    expect(changeKind(tree, 'not')).toEqual({ not: tree });
    expect(changeKind({ not: tree }, 'all')).toEqual({ all: [tree] });
  });

  it('the builder refuses JSON that is no condition tree', () => {
    expect(isCondition(tree)).toBe(true);
    for (const wrong of [null, [], {}, { all: {} }, { all: [1] }, { all: [a], any: [a] }, { op: 3 }, { not: [] }])
      expect(isCondition(wrong)).toBe(false);
  });

  it('an issue of the desk leads to its node', () => {
    expect(pathOfIssue('condition.all[1].any[0].value')).toEqual([1, 0]);
    expect(pathOfIssue('rule.condition.all.1.not.field')).toEqual([1, 0]);
    expect(pathOfIssue('name')).toEqual([]);
  });
});

describe('the tests of the rule builder', () => {
  it('a change of operator keeps the members that both operators have', () => {
    const test = { op: 'contains', field: 'payload.title', value: 'halted', caseSensitive: true };
    expect(changeOperator(test, 'equals')).toEqual({ ...test, op: 'equals' });
    expect(changeOperator(test, 'gt')).toEqual({ op: 'gt', field: 'payload.title', value: '' });
    expect(changeOperator(test, 'ticker')).toEqual({ op: 'ticker', values: [] });
    expect(changeOperator(test, 'moved')).toMatchObject({
      by: '',
      unit: 'percent',
      direction: 'either',
      withinSeconds: 300,
    });
  });

  it('a move has either a window or another field, and an empty optional member is left out', () => {
    const moved = newTest('moved', 'payload.price');
    const from = withMember(moved, 'from', 'payload.previous');
    expect(from).not.toHaveProperty('withinSeconds');
    expect(withMember(from, 'withinSeconds', 60)).not.toHaveProperty('from');
    expect(
      withMember({ op: 'equals', field: 'type', value: 'A', caseSensitive: true }, 'caseSensitive', false),
    ).toEqual({
      op: 'equals',
      field: 'type',
      value: 'A',
    });
  });

  it('a condition is described in words', () => {
    expect(
      describeCondition({
        all: [
          { op: 'equals', field: 'type', value: 'NewsPublished' },
          { any: [{ op: 'ticker', values: ['A', 'B'] }, { not: { op: 'exists', field: 'broker' } }] },
        ],
      }),
    ).toBe('type is “NewsPublished” and (ticker is one of A, B or (not (broker is present)))');
  });
});
