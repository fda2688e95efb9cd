import { Checkbox, Field, IconButton, TextInput } from '../ui/index.js';
import { isEndless, MOST_QUIET_WINDOWS, type QuietSpan, WEEK } from './quiet-week.js';
import { QuietWeekGrid } from './quiet-week-grid.js';
import type { RuleDraft } from './rule-draft.js';

interface EditorProps {
  value: RuleDraft['quietHours'];
  onChange: (value: RuleDraft['quietHours']) => void;
}

/** Quiet hours as a week to paint on, with the exact times below it. */
export function QuietHoursEditor({ value, onChange }: EditorProps) {
  return (
    <fieldset className="quiet-hours">
      <legend>Quiet hours</legend>
      <Checkbox
        label="Messages wait during quiet hours (critical alerts never wait)"
        checked={value !== null}
        onChange={(isOn) => onChange(isOn ? nights() : null)}
      />
      {value && <QuietWeek value={value} onChange={onChange} />}
    </fieldset>
  );
}

function QuietWeek({
  value,
  onChange,
}: {
  value: NonNullable<EditorProps['value']>;
  onChange: EditorProps['onChange'];
}) {
  const { timeZone, windows } = value;
  const set = (next: QuietSpan[]) => onChange({ timeZone, windows: next });
  const problem = problemOf(windows);
  return (
    <>
      <Field label="Time zone" hint="IANA name. The hours follow its clock, also when it changes.">
        <TextInput
          list="time-zones"
          value={timeZone}
          spellCheck={false}
          onChange={(zone) => onChange({ timeZone: zone, windows })}
        />
      </Field>
      <datalist id="time-zones">
        {Intl.supportedValuesOf('timeZone').map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
      <QuietWeekGrid windows={windows} onChange={set} />
      {problem && (
        <p className="field-error" role="alert">
          {problem}
        </p>
      )}
      <ul className="quiet-windows">
        {windows.map((window, index) => {
          const replace = (change: Partial<QuietSpan>) =>
            set(windows.map((each, at) => (at === index ? { ...each, ...change } : each)));
          const name = daysText(window);
          return (
            <li key={index}>
              <span>{name}</span>
              <TextInput
                aria-label={`Begin on ${name}`}
                type="time"
                value={window.from}
                onChange={(from) => from !== '' && replace({ from })}
              />
              <TextInput
                aria-label={`End after ${name}`}
                type="time"
                value={window.to === '24:00' ? '00:00' : window.to}
                onChange={(to) => to !== '' && replace({ to: to === '00:00' ? '24:00' : to })}
              />
              <IconButton
                icon="close"
                label={`Remove ${name}, ${window.from} to ${window.to}`}
                onClick={() => set(windows.filter((_, at) => at !== index))}
              />
            </li>
          );
        })}
      </ul>
    </>
  );
}

function problemOf(windows: readonly QuietSpan[]): string | undefined {
  if (windows.length === 0) return 'Mark at least one hour, or switch quiet hours off.';
  if (isEndless(windows)) return 'The whole week is quiet, so messages would never leave. Free some of it.';
  if (windows.length > MOST_QUIET_WINDOWS)
    return `${windows.length} windows; the desk stores at most ${MOST_QUIET_WINDOWS}. Make days more alike.`;
  return undefined;
}

function daysText({ days }: QuietSpan): string {
  const names = WEEK.filter((day) => days === undefined || days.includes(day)).map(
    (day) => day[0]!.toUpperCase() + day.slice(1),
  );
  return names.length === 7 ? 'Every day' : names.join(', ');
}

function nights(): RuleDraft['quietHours'] {
  return { timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone, windows: [{ from: '22:00', to: '07:00' }] };
}
