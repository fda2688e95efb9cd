import { useId } from 'react';
import { Checkbox, Field, Select, TextArea, TextInput } from '../ui/index.js';
import { changeOperator, type MemberInput, shapeOfTest, withMember } from './condition-test-shapes.js';
import type { TestNode } from './condition-tree.js';
import type { KnownNames } from './event-fields.js';

interface TestEditorProps {
  test: TestNode;
  label: string;
  names: KnownNames;
  onChange: (test: TestNode) => void;
}

/** One test: the field, the operator and what the operator needs. */
export function TestEditor({ test, label, names, onChange }: TestEditorProps) {
  const { fields, eventTypes, operators } = names;
  const listId = useId();
  const { hasField, members } = shapeOfTest(test.op);
  const isTypeName = eventTypes.length > 0 && test.field === 'type' && test.op === 'equals';
  return (
    <div className="test-editor" role="group" aria-label={label}>
      {hasField && (
        <Field label="Field">
          <TextInput
            list={listId}
            value={test.field ?? ''}
            spellCheck={false}
            onChange={(field) => onChange({ ...test, field })}
          />
        </Field>
      )}
      <datalist id={listId}>
        {fields.map((field) => (
          <option key={field} value={field} />
        ))}
      </datalist>
      <Field label="Operator">
        <Select
          value={test.op}
          options={operators.map((op) => ({ value: op, label: shapeOfTest(op).label }))}
          onChange={(op) => onChange(changeOperator(test, op))}
        />
      </Field>
      {members.map(({ name, label: memberLabel, input }) => {
        const change = (value: unknown) => onChange(withMember(test, name, value));
        if (isTypeName && name === 'value')
          return (
            <Field key={name} label="Event type">
              <Select
                value={String(test['value'] ?? '')}
                options={['', ...withOwn(eventTypes, String(test['value'] ?? ''))]}
                onChange={change}
              />
            </Field>
          );
        if (isTypeName && name === 'caseSensitive') return null;
        return (
          <Member key={name} label={memberLabel} input={input} value={test[name]} listId={listId} onChange={change} />
        );
      })}
    </div>
  );
}

interface MemberProps {
  label: string;
  input: MemberInput;
  value: unknown;
  listId: string;
  onChange: (value: unknown) => void;
}

function Member({ label, input, value, listId, onChange }: MemberProps) {
  const text = value === undefined ? '' : String(value);
  if (input === 'flag') return <Checkbox label={label} checked={value === true} onChange={onChange} />;
  if (input === 'values')
    return (
      <Field label={label}>
        <TextArea
          rows={3}
          spellCheck={false}
          value={Array.isArray(value) ? value.join('\n') : ''}
          onChange={(lines) => onChange(lines === '' ? [] : lines.split('\n'))}
        />
      </Field>
    );
  if (input === 'unit' || input === 'direction')
    return (
      <Field label={label}>
        <Select
          value={text}
          options={input === 'unit' ? ['percent', 'absolute'] : ['either', 'up', 'down']}
          onChange={onChange}
        />
      </Field>
    );
  return (
    <Field label={label}>
      <TextInput
        value={text}
        spellCheck={false}
        {...(input === 'field' && { list: listId })}
        {...(input === 'decimal' && { inputMode: 'decimal' as const })}
        {...(input === 'seconds' && { inputMode: 'numeric' as const })}
        onChange={(next) => onChange(input === 'seconds' && /^\d+$/.test(next) ? Number(next) : next)}
      />
    </Field>
  );
}

/** A stored name that the catalogue lacks stays selectable. */
function withOwn(names: readonly string[], own: string): readonly string[] {
  return own === '' || names.includes(own) ? names : [own, ...names];
}
