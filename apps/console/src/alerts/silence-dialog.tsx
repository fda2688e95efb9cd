import { type FormEvent, useState } from 'react';
import { useDesk, useIdentity } from '@deskwire/client/react';
import { inputOfInstant, instantOfInput } from '../filters/time-span.js';
import { Button, Dialog, Field, Select, TextInput, useAct, useZoneName } from '../ui/index.js';
import type { AlertRow } from './severity.js';

const HOURS = [
  { value: '1', label: '1 hour' },
  { value: '4', label: '4 hours' },
  { value: '24', label: '1 day' },
  { value: '168', label: '1 week' },
  { value: 'until', label: 'Until a time' },
];
const HOUR_MS = 3_600_000;

/** Stops the messages of alerts like this one for a while. The alerts themselves are still recorded and shown. */
export function SilenceDialog({ alert, onClose }: { alert: AlertRow; onClose: () => void }) {
  const desk = useDesk();
  const isOwn = useIdentity()?.id === alert.userId || alert.userId === null;
  const timeZone = useZoneName();
  const [what, setWhat] = useState('rule');
  const [hours, setHours] = useState('4');
  const [until, setUntil] = useState(() => new Date(Date.now() + 24 * HOUR_MS).toISOString());
  const [reason, setReason] = useState('');
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
    { done: 'Silence begun', then: onClose },
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    silence.mutate();
  };
  return (
    <Dialog
      title="Silence alerts"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button tone="accent" type="submit" form="silence" busy={silence.isPending}>
            Silence
          </Button>
        </>
      }
    >
      <form id="silence" onSubmit={submit}>
        <p>Silenced alerts are recorded and shown here, and no webhook receives them, critical ones included.</p>
        <Field label="Which alerts">
          <Select
            value={what}
            onChange={setWhat}
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
          <Select value={hours} onChange={setHours} options={HOURS} />
        </Field>
        {hours === 'until' && (
          <Field label={`Until (${timeZone})`}>
            <TextInput
              type="datetime-local"
              required
              value={inputOfInstant(until, timeZone)}
              onChange={(text) => setUntil(instantOfInput(text, timeZone))}
            />
          </Field>
        )}
        <Field label="Reason" hint="Shown beside the silence.">
          <TextInput value={reason} maxLength={200} onChange={setReason} />
        </Field>
      </form>
    </Dialog>
  );
}

/** A silence holds for the rules of one owner: those of the desk, or the reader's own. */
function scopeOf({ userId }: AlertRow): 'mine' | 'desk' {
  return userId === null ? 'desk' : 'mine';
}
