import { type FormEvent, useState } from 'react';
import { useDesk, useIdentity } from '@deskwire/client/react';
import { inputOfInstant, instantOfInput } from '../filters/time-span.js';
import { Button, Dialog, Field, Select, TextInput, useAct, useZoneName } from '../ui/index.js';
import { Restored } from '../parts/restored.js';
import { fieldsText, useKeptDraft } from '../parts/use-kept-draft.js';
import type { AlertRow } from './severity.js';

const HOURS = [
  { value: '1', label: '1 hour' },
  { value: '4', label: '4 hours' },
  { value: '24', label: '1 day' },
  { value: '168', label: '1 week' },
  { value: 'until', label: 'Until a time' },
];
const HOUR_MS = 3_600_000;

interface SilenceForm {
  what: string;
  hours: string;
  /** Empty: a day from now. */
  until: string;
  reason: string;
}
const EMPTY_SILENCE: SilenceForm = { what: 'rule', hours: '4', until: '', reason: '' };
const SILENCE_TEXT = fieldsText<SilenceForm>();

/** Stops the messages of alerts like this one for a while. The alerts themselves are still recorded and shown. */
export function SilenceDialog({ alert, onClose }: { alert: AlertRow; onClose: () => void }) {
  const desk = useDesk();
  const isOwn = useIdentity()?.id === alert.userId || alert.userId === null;
  const timeZone = useZoneName();
  const [form, setForm, kept] = useKeptDraft(`silence.${alert.id}`, EMPTY_SILENCE, SILENCE_TEXT);
  const [tomorrow] = useState(() => new Date(Date.now() + 24 * HOUR_MS).toISOString());
  const { what, hours, reason } = form;
  const until = form.until || tomorrow;
  const change = (part: Partial<SilenceForm>) => setForm((before) => ({ ...before, ...part }));
  const close = () => {
    kept.forget();
    onClose();
  };
  const silence = useAct(
    () =>
      desk.post('/v1/alert-silences', {
        body: {
          ...(what === 'rule' && { ruleId: alert.ruleId }),
          ...(what === 'instrument' && { instrumentId: alert.instrumentId!, scope: scopeOf(alert) }),
          ...(what.startsWith('ticker ') && { ticker: what.slice(7), scope: scopeOf(alert) }),
          until: hours === 'until' ? until : new Date(Date.now() + Number(hours) * HOUR_MS).toISOString(),
          reason,
        },
      }),
    { done: 'Silence begun', then: close },
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    silence.mutate();
  };
  return (
    <Dialog
      title="Silence alerts"
      onClose={close}
      footer={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button tone="accent" type="submit" form="silence" busy={silence.isPending}>
            Silence
          </Button>
        </>
      }
    >
      <form id="silence" onSubmit={submit}>
        <Restored kept={kept} />
        <p>Silenced alerts are recorded and shown here, and no webhook receives them, critical ones included.</p>
        <Field label="Which alerts">
          <Select
            value={what}
            onChange={(value) => change({ what: value })}
            options={[
              { value: 'rule', label: `Rule: ${alert.ruleName}` },
              ...(alert.instrumentId === null || !isOwn
                ? []
                : [{ value: 'instrument', label: 'The instrument of its event' }]),
              ...(isOwn ? alert.tickers : []).map((ticker) => ({
                value: `ticker ${ticker}`,
                label: `Ticker: ${ticker}`,
              })),
            ]}
          />
        </Field>
        <Field label="For how long">
          <Select value={hours} onChange={(value) => change({ hours: value })} options={HOURS} />
        </Field>
        {hours === 'until' && (
          <Field label={`Until (${timeZone})`}>
            <TextInput
              type="datetime-local"
              required
              value={inputOfInstant(until, timeZone)}
              onChange={(text) => change({ until: instantOfInput(text, timeZone) })}
            />
          </Field>
        )}
        <Field label="Reason" hint="Shown beside the silence.">
          <TextInput value={reason} maxLength={200} onChange={(value) => change({ reason: value })} />
        </Field>
      </form>
    </Dialog>
  );
}

/** A silence holds for the rules of one owner: those of the desk, or the reader's own. */
function scopeOf({ userId }: AlertRow): 'mine' | 'desk' {
  return userId === null ? 'desk' : 'mine';
}
