import { useId } from 'react';
import { DecimalText, Field, Select, Sheet, Time } from '../ui/index.js';
import { changePreferences, type Preferences, usePreferences, zoneName } from '../ui/preferences.js';

const ZONES = ['local', 'UTC', ...Intl.supportedValuesOf('timeZone').map(zoneName).sort()].filter(
  (zone, at, all) => all.indexOf(zone) === at,
);
const SHOWN_AMOUNT = '12345678.9';
const OPENED_AT = new Date().toISOString();

/** Theme, density, time zone and grouping of digits, kept in this browser. */
export function Appearance() {
  const { theme, density, zone, grouping } = usePreferences();
  return (
    <Sheet title="Appearance">
      <div className="account-form">
        <Segments
          legend="Theme"
          value={theme}
          options={{ system: 'As the system', light: 'Light', dark: 'Dark' }}
          onChange={(value) => changePreferences({ theme: value })}
        />
        <Segments
          legend="Rows"
          value={density}
          options={{ comfortable: 'Comfortable', compact: 'Compact' }}
          onChange={(value) => changePreferences({ density: value })}
        />
        <Field
          label="Time zone"
          hint={
            <>
              Now: <Time value={OPENED_AT} />
            </>
          }
        >
          <Select
            value={zone}
            onChange={(value) => changePreferences({ zone: value })}
            options={ZONES.map((value) => ({
              value,
              label: value === 'local' ? `This computer's (${zoneName('local')})` : value,
            }))}
          />
        </Field>
        <Segments
          legend="Grouping of digits"
          value={grouping}
          options={{ thousands: 'Thousands', lakh: 'Lakh and crore' }}
          onChange={(value) => changePreferences({ grouping: value })}
        />
        <p className="field-hint">
          Example: <DecimalText value={SHOWN_AMOUNT} digits={2} />
        </p>
      </div>
    </Sheet>
  );
}

interface SegmentsProps<Value extends string> {
  legend: string;
  value: Value;
  options: Record<Value, string>;
  onChange: (value: Value) => void;
}

function Segments<Value extends Preferences['theme'] | Preferences['density'] | Preferences['grouping']>(
  props: SegmentsProps<Value>,
) {
  const { legend, value, options, onChange } = props;
  const name = useId();
  return (
    <fieldset className="segments">
      <legend>{legend}</legend>
      {(Object.entries(options) as [Value, string][]).map(([option, label]) => (
        <label key={option}>
          <input type="radio" name={name} checked={option === value} onChange={() => onChange(option)} />
          {label}
        </label>
      ))}
    </fieldset>
  );
}
