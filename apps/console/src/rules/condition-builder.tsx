import { Button, IconButton, Select } from '../ui/index.js';
import { newTest } from './condition-test-shapes.js';
import {
  addNode,
  changeKind,
  childrenOf,
  type ConditionNode,
  kindOf,
  type NodePath,
  removeNode,
  replaceNode,
  type TestNode,
} from './condition-tree.js';
import type { KnownNames } from './event-fields.js';
import { TestEditor } from './test-editor.js';

const KINDS = [
  { value: 'all', label: 'All of these' },
  { value: 'any', label: 'Any of these' },
  { value: 'not', label: 'Not this' },
];

interface BuilderProps {
  condition: ConditionNode;
  onChange: (condition: ConditionNode) => void;
  isLocked: boolean;
  /** The refusal of the desk for each node, by its path. */
  errors: ReadonlyMap<string, string>;
  names: KnownNames;
}

/** The condition as nested groups of tests. Each change gives a whole new condition. */
export function ConditionBuilder(props: BuilderProps) {
  return (
    <fieldset className="condition" disabled={props.isLocked}>
      <legend>Condition</legend>
      <ConditionPart {...props} node={props.condition} path={[]} />
    </fieldset>
  );
}

function ConditionPart(props: BuilderProps & { node: ConditionNode; path: NodePath }) {
  const { node, path, errors } = props;
  const error = errors.get(path.join('.'));
  return (
    <div className="condition-part" data-kind={kindOf(node)} data-invalid={error ? true : undefined}>
      {kindOf(node) === 'test' ? <TestPart {...props} node={node as TestNode} /> : <GroupPart {...props} />}
      {error && <p className="field-error">{error}</p>}
    </div>
  );
}

function TestPart({ node, path, condition, onChange, names }: BuilderProps & { node: TestNode; path: NodePath }) {
  const place = placeText(path);
  return (
    <>
      <TestEditor
        test={node}
        label={place}
        names={names}
        onChange={(test) => onChange(replaceNode(condition, path, test))}
      />
      <div className="condition-acts">
        <Button onClick={() => onChange(replaceNode(condition, path, changeKind(node, 'any')))}>Group</Button>
        <RemovePart condition={condition} path={path} onChange={onChange} what={place} />
      </div>
    </>
  );
}

function GroupPart(props: BuilderProps & { node: ConditionNode; path: NodePath }) {
  const { node, path, condition, onChange } = props;
  const place = placeText(path);
  return (
    <>
      <div className="condition-acts">
        <Select
          aria-label={`How ${place} combines its tests`}
          value={kindOf(node)}
          options={KINDS}
          onChange={(kind) => onChange(replaceNode(condition, path, changeKind(node, kind as 'all')))}
        />
        {path.length > 0 && <RemovePart condition={condition} path={path} onChange={onChange} what={place} />}
      </div>
      <div className="condition-children">
        {childrenOf(node).map((child, index) => (
          <ConditionPart key={index} {...props} node={child} path={[...path, index]} />
        ))}
      </div>
      {kindOf(node) !== 'not' && (
        <Button icon="plus" onClick={() => onChange(addNode(condition, path, newTest('equals', 'type')))}>
          Add a test{path.length > 0 && ` to ${place}`}
        </Button>
      )}
    </>
  );
}

function RemovePart({
  condition,
  path,
  onChange,
  what,
}: Pick<BuilderProps, 'condition' | 'onChange'> & { path: NodePath; what: string }) {
  const left = removeNode(condition, path);
  return (
    <IconButton
      icon="close"
      label={`Remove ${what}`}
      disabled={left === undefined}
      onClick={() => left && onChange(left)}
    />
  );
}

/** `test 2.1`: where a node is, for screen readers, since many look alike. */
function placeText(path: NodePath): string {
  return path.length === 0 ? 'the condition' : `part ${path.map((index) => index + 1).join('.')}`;
}
