import { type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { Button, Field, Select, TextInput, useZoneName } from '../ui/index.js';
import { inputOfInstant, instantOfInput, RECENT_SPANS, recentSpan, type TimeSpan } from './time-span.js';
import './filters.css';

interface FilterBarProps {
  label: string;
  isFiltered: boolean;
  onClear: () => void;
  children: ReactNode;
}

/** The filters of a list in one row, with a button that clears them. On a phone a button shows them. */
export function FilterBar({ label, isFiltered, onClear, children }: FilterBarProps) {
  const id = useId();
  const [isShown, show] = useState(false);
  return (
    <div className="filter-bar" role="search" aria-label={label} data-shown={isShown || undefined}>
      <Button
        className="filter-toggle"
        icon="filter"
        aria-expanded={isShown}
        aria-controls={id}
        onClick={() => show(!isShown)}
      >
        {isFiltered ? 'Filters (set)' : 'Filters'}
      </Button>
      <div className="filter-controls" id={id}>
        {children}
        {isFiltered && (
          <Button icon="close" onClick={onClear}>
            Clear filters
          </Button>
        )}
      </div>
    </div>
  );
}

interface ChoiceFilterProps {
  label: string;
  value: string;
  /** The choice that filters nothing. */
  any: string;
  choices: readonly { value: string; label: string }[];
  onChange: (value: string) => void;
}

/** One of a few values, or any. A value of the address that is no choice stays visible. */
export function ChoiceFilter({ label, value, any, choices, onChange }: ChoiceFilterProps) {
  const unknown = value !== '' && !choices.some((choice) => choice.value === value) ? [{ value, label: value }] : [];
  return (
    <Field label={label}>
      <Select value={value} onChange={onChange} options={[{ value: '', label: any }, ...unknown, ...choices]} />
    </Field>
  );
}

interface ManyFilterProps {
  label: string;
  values: readonly string[];
  choices: readonly string[];
  onChange: (values: string[]) => void;
}

/** Any number of a few values, as buttons that stay pressed. */
export function ManyFilter({ label, values, choices, onChange }: ManyFilterProps) {
  const toggled = (choice: string) =>
    values.includes(choice) ? values.filter((each) => each !== choice) : [...values, choice];
  return (
    <div className="field field-group" role="group" aria-label={label}>
      <span className="group-label" aria-hidden="true">
        {label}
      </span>
      <div className="pressed-set">
        {choices.map((choice) => (
          <button
            key={choice}
            type="button"
            aria-pressed={values.includes(choice)}
            onClick={() => onChange(toggled(choice))}
          >
            {choice}
          </button>
        ))}
      </div>
    </div>
  );
}

const TYPING_MS = 400;

interface TextFilterProps {
  label: string;
  value: string;
  placeholder?: string;
  onChange: (value: string) => void;
}

/** Text that applies when the reader stops typing, presses Enter or leaves the field. */
export function TextFilter({ label, value, placeholder = 'any', onChange }: TextFilterProps) {
  // What is typed holds for the value it was typed over: "back" shows the earlier one.
  const [typed, setTyped] = useState({ over: value, text: value });
  const text = typed.over === value ? typed.text : value;
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const apply = (next: string, afterMs: number) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => onChange(next.trim()), afterMs);
  };
  return (
    <Field label={label}>
      <TextInput
        value={text}
        placeholder={placeholder}
        spellCheck={false}
        autoComplete="off"
        onChange={(next) => {
          setTyped({ over: value, text: next });
          apply(next, TYPING_MS);
        }}
        onBlur={() => text.trim() !== value && apply(text, 0)}
        onKeyDown={({ key }) => key === 'Enter' && apply(text, 0)}
      />
    </Field>
  );
}

interface TextsFilterProps {
  label: string;
  values: readonly string[];
  placeholder: string;
  onChange: (values: string[]) => void;
}

/** Any of several texts, with commas between them. */
export function TextsFilter({ label, values, placeholder, onChange }: TextsFilterProps) {
  const textsOf = (text: string) => text.split(',').map((each) => each.trim());
  return (
    <TextFilter
      label={label}
      value={values.join(', ')}
      placeholder={placeholder}
      onChange={(text) => onChange(textsOf(text).filter((each) => each !== ''))}
    />
  );
}

/** From and to, by the reader's clock, or a recent span. */
export function TimeFilter({ span, onChange }: { span: TimeSpan; onChange: (span: TimeSpan) => void }) {
  const timeZone = useZoneName();
  const isSet = span.from !== '' || span.to !== '';
  const [isWanted, want] = useState(false);
  const isShown = isSet || isWanted;
  const input = (name: 'from' | 'to', label: string) => (
    <Field label={`${label} (${timeZone})`}>
      <TextInput
        type="datetime-local"
        value={inputOfInstant(span[name], timeZone)}
        onChange={(text) => onChange({ ...span, [name]: instantOfInput(text, timeZone) })}
      />
    </Field>
  );
  return (
    <>
      <Field label="Time">
        <Select
          value={isShown ? 'given' : 'any'}
          onChange={(value) => {
            want(value === 'given');
            if (value === 'any') onChange({ from: '', to: '' });
            else if (value !== 'given') onChange(recentSpan(Number(value), new Date()));
          }}
          options={[
            { value: 'any', label: 'Any time' },
            ...RECENT_SPANS.map(({ label, minutes }) => ({ label, value: String(minutes) })),
            { value: 'given', label: 'From and to' },
          ]}
        />
      </Field>
      {isShown && input('from', 'From')}
      {isShown && input('to', 'To')}
    </>
  );
}
