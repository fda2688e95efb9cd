import { type FormEvent, useState } from 'react';
import { useDesk } from '@deskwire/client/react';
import { inputOfInstant, instantOfInput, recentSpan } from '../filters/time-span.js';
import { Button, Dialog, Field, TextInput, useAct, useZoneName } from '../ui/index.js';

/** Sends the deliveries of a window of time again, with their message ids. */
export function ReplayDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const desk = useDesk();
  const timeZone = useZoneName();
  const [span, setSpan] = useState(() => {
    const now = new Date();
    return { from: recentSpan(60, now).from, to: recentSpan(-1, now).from };
  });
  const replay = useAct(() => desk.post('/v1/webhooks/{id}/replay', { params: { id }, body: span }), {
    done: ({ replayed }) =>
      replayed === 0 ? 'No delivery is in this window' : `${replayed} deliveries are sent again`,
    then: onClose,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    replay.mutate();
  };
  const isOrdered = span.from < span.to;
  return (
    <Dialog
      title="Replay a window"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button tone="accent" type="submit" form="replay" busy={replay.isPending} disabled={!isOrdered}>
            Send again
          </Button>
        </>
      }
    >
      <form id="replay" className="stacked" onSubmit={submit}>
        <p>
          Every delivery that was enqueued in this window is sent again, delivered ones included. Each keeps its message
          id, so a receiver can recognise it.
        </p>
        {(['from', 'to'] as const).map((name) => (
          <Field
            key={name}
            label={`${name === 'from' ? 'From' : 'To'} (${timeZone})`}
            error={name === 'to' && !isOrdered ? 'A time after the beginning.' : undefined}
          >
            <TextInput
              type="datetime-local"
              required
              value={inputOfInstant(span[name], timeZone)}
              onChange={(text) => setSpan({ ...span, [name]: instantOfInput(text, timeZone) })}
            />
          </Field>
        ))}
      </form>
    </Dialog>
  );
}
