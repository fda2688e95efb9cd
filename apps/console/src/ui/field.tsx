import {
  createContext,
  type InputHTMLAttributes,
  type ReactNode,
  type Ref,
  type SelectHTMLAttributes,
  use,
  useId,
} from 'react';

interface FieldFacts {
  id: string;
  describedBy: string | undefined;
  invalid: boolean;
}
const FieldContext = createContext<FieldFacts | undefined>(undefined);

interface FieldProps {
  label: string;
  /** What is allowed, in a few words. */
  hint?: ReactNode;
  /** What is wrong, such as the message of a problem's `errors`. */
  error?: string | undefined;
  /** One TextInput or Select. */
  children: ReactNode;
}

/** A label above a control, with a hint and an error that screen readers announce with the control. */
export function Field({ label, hint, error, children }: FieldProps) {
  const id = useId();
  const [hintId, errorId] = [`${id}-hint`, `${id}-error`];
  const describedBy = [hint && hintId, error && errorId].filter(Boolean).join(' ') || undefined;
  return (
    <div className="field" data-invalid={error ? true : undefined}>
      <label htmlFor={id}>{label}</label>
      <FieldContext value={{ id, describedBy, invalid: Boolean(error) }}>{children}</FieldContext>
      {hint && (
        <p className="field-hint" id={hintId}>
          {hint}
        </p>
      )}
      {error && (
        <p className="field-error" id={errorId}>
          {error}
        </p>
      )}
    </div>
  );
}

function useFieldAttributes() {
  const field = use(FieldContext);
  return field && { id: field.id, 'aria-describedby': field.describedBy, 'aria-invalid': field.invalid || undefined };
}

interface TextInputProps extends Omit<InputHTMLAttributes<HTMLInputElement>, 'onChange' | 'value'> {
  value: string;
  onChange: (value: string) => void;
  ref?: Ref<HTMLInputElement>;
}

/** Outside of a Field it needs an `aria-label`. */
export function TextInput({ onChange, className = '', ...rest }: TextInputProps) {
  return (
    <input
      {...useFieldAttributes()}
      {...rest}
      className={`input ${className}`}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

interface TextAreaProps {
  value: string;
  onChange: (value: string) => void;
  rows?: number;
  'aria-label'?: string;
  spellCheck?: boolean;
}

export function TextArea({ onChange, rows = 4, ...rest }: TextAreaProps) {
  return (
    <textarea
      {...useFieldAttributes()}
      {...rest}
      className="input"
      rows={rows}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

interface Choice {
  value: string;
  label: string;
}
interface SelectProps extends Omit<SelectHTMLAttributes<HTMLSelectElement>, 'onChange' | 'value'> {
  value: string;
  onChange: (value: string) => void;
  /** A text is both value and label. */
  options: readonly (string | Choice)[];
}

/** Outside of a Field it needs an `aria-label`. */
export function Select({ onChange, options, className = '', ...rest }: SelectProps) {
  return (
    <select
      {...useFieldAttributes()}
      {...rest}
      className={`input ${className}`}
      onChange={(event) => onChange(event.target.value)}
    >
      {options.map((option) => {
        const { value, label } = typeof option === 'string' ? { value: option, label: option } : option;
        return (
          <option key={value} value={value}>
            {label}
          </option>
        );
      })}
    </select>
  );
}

interface CheckboxProps {
  label: ReactNode;
  checked: boolean;
  onChange: (checked: boolean) => void;
  disabled?: boolean;
}

export function Checkbox({ label, checked, onChange, disabled }: CheckboxProps) {
  return (
    <label className="checkbox">
      <input
        type="checkbox"
        checked={checked}
        disabled={disabled}
        onChange={(event) => onChange(event.target.checked)}
      />
      <span>{label}</span>
    </label>
  );
}
