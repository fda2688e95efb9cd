import { useWebhooks } from '../webhooks/use-webhooks.js';
import { Link } from 'wouter';
import { Checkbox, Field, Select, TextArea, TextInput, useCan } from '../ui/index.js';
import type { RuleDraft } from './rule-draft.js';

interface RuleFieldsProps {
  draft: RuleDraft;
  onChange: (change: Partial<RuleDraft>) => void;
  isBuiltIn: boolean;
}

/** What the rule is called, how severe its alerts are, and whose it is. */
export function RuleHead({ draft, onChange, isBuiltIn, isNew }: RuleFieldsProps & { isNew: boolean }) {
  const isOperator = useCan('operator');
  return (
    <div className="rule-head">
      <Field label="Name">
        <TextInput value={draft.name} maxLength={200} disabled={isBuiltIn} onChange={(name) => onChange({ name })} />
      </Field>
      <Field label="Severity">
        <Select
          value={draft.severity}
          options={['info', 'warning', 'critical']}
          onChange={(severity) => onChange({ severity: severity as RuleDraft['severity'] })}
        />
      </Field>
      {isNew && isOperator && (
        <Field label="Owner">
          <Select
            value={draft.scope ?? 'mine'}
            options={[
              { value: 'mine', label: 'My rule' },
              { value: 'desk', label: 'The desk: sees every event' },
            ]}
            onChange={(scope) => onChange({ scope: scope as 'mine' | 'desk' })}
          />
        </Field>
      )}
      <Checkbox label="Enabled" checked={draft.enabled} onChange={(enabled) => onChange({ enabled })} />
    </div>
  );
}

/** Who receives a message, what it says, and how repeated matches count. */
export function RuleMessages({ draft, onChange, isBuiltIn }: RuleFieldsProps) {
  const { title = '', body = '' } = draft.message;
  const changeMessage = (part: { title?: string; body?: string }) => {
    const message = { ...draft.message, ...part };
    onChange({ message: Object.fromEntries(Object.entries(message).filter(([, text]) => text !== '')) });
  };
  return (
    <>
      <RuleChannels draft={draft} onChange={onChange} isLocked={isBuiltIn} />
      <fieldset>
        <legend>Message</legend>
        <Field label="Title" hint="{payload.title} becomes that field of the event. Empty: the title of the event.">
          <TextInput value={title} maxLength={300} onChange={(text) => changeMessage({ title: text })} />
        </Field>
        <Field label="Text">
          <TextArea rows={3} value={body} onChange={(text) => changeMessage({ body: text })} />
        </Field>
      </fieldset>
      <RuleDedupe dedupe={draft.dedupe} onChange={(dedupe) => onChange({ dedupe })} />
    </>
  );
}

function RuleChannels({
  draft: { channels },
  onChange,
  isLocked,
}: Pick<RuleFieldsProps, 'draft' | 'onChange'> & { isLocked: boolean }) {
  const webhooks = useWebhooks();
  return (
    <fieldset disabled={isLocked}>
      <legend>Webhooks that receive a message</legend>
      {webhooks.length === 0 && (
        <p>
          There is no webhook yet. <Link href="/webhooks?add=true">Add one</Link>; the rule raises alerts without it,
          too.
        </p>
      )}
      {webhooks.map(({ id, description, url, format }) => (
        <Checkbox
          key={id}
          label={`${description === '' ? url : description} (${format})`}
          checked={channels.includes(id)}
          onChange={(isOn) =>
            onChange({ channels: isOn ? [...channels, id] : channels.filter((channel) => channel !== id) })
          }
        />
      ))}
    </fieldset>
  );
}

function RuleDedupe({
  dedupe,
  onChange,
}: {
  dedupe: RuleDraft['dedupe'];
  onChange: (dedupe: RuleDraft['dedupe']) => void;
}) {
  return (
    <fieldset>
      <legend>Repeated matches</legend>
      <Checkbox
        label="Count equal matches on the first alert instead of raising new ones"
        checked={dedupe !== null}
        onChange={(isOn) => onChange(isOn ? { windowSeconds: 300, by: [] } : null)}
      />
      {dedupe && (
        <>
          <Field label="Window, in seconds" hint="1 to 604,800 (a week).">
            <TextInput
              type="number"
              min={1}
              max={604_800}
              value={String(dedupe.windowSeconds)}
              onChange={(text) => onChange({ ...dedupe, windowSeconds: Number(text) })}
            />
          </Field>
          <Field label="Equal in these fields, one a line" hint="Empty: matches with the same title are equal.">
            <TextArea
              rows={2}
              spellCheck={false}
              value={dedupe.by.join('\n')}
              onChange={(text) => onChange({ ...dedupe, by: text === '' ? [] : text.split('\n') })}
            />
          </Field>
        </>
      )}
    </fieldset>
  );
}
