import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { flushSync } from 'react-dom';
import { useDesk } from '@deskwire/client/react';
import { Button, Page, Tabs, Time, useAct, useCan, useConfirm, useUrlForm, useUrlState } from '../ui/index.js';
import { NotShown } from '../filters/facts.js';
import { ReplayDialog } from './replay-dialog.js';
import { OnceShown } from '../parts/once-shown.js';
import { TestResult } from './test-result.js';
import { type WebhookRow, webhookName } from './use-webhooks.js';
import { WebhookFacts } from './webhook-facts.js';
import { EditWebhook } from './webhook-form.js';
import { WebhookHealth } from './webhook-health.js';
import { WebhookLog } from './webhook-log.js';
import { WebhookState } from './webhook-state.js';

const TABS = [
  { value: 'health', title: 'Health' },
  { value: 'log', title: 'Log' },
  { value: 'settings', title: 'Settings' },
];

/** One webhook: its health over time, its log, its settings and everything one does with it. */
export function WebhookDetail({ id, onClose }: { id: string; onClose: () => void }) {
  const desk = useDesk();
  const canWrite = useCan('trader');
  const [tab, setTab] = useUrlState('tab', 'health');
  const { data: webhook, error } = useQuery<WebhookRow>({
    queryKey: ['/v1/webhooks', id],
    queryFn: () => desk.get('/v1/webhooks/{id}', { params: { id } }),
    refetchInterval: 10_000,
  });
  return (
    <Page
      title={webhook ? webhookName(webhook) : 'Webhook'}
      about={webhook && <WebhookState webhook={webhook} />}
      actions={
        <>
          <Button icon="left" onClick={onClose}>
            Webhooks
          </Button>
          {webhook && canWrite && <WebhookActs webhook={webhook} onRemoved={onClose} />}
        </>
      }
    >
      {error && <NotShown problem={error} next={<Button onClick={onClose}>Back to the webhooks</Button>} />}
      {webhook && (
        <Tabs label="Parts of the webhook" tabs={TABS} value={tab} onChange={setTab}>
          {tab === 'health' && <WebhookHealth id={id} />}
          {tab === 'log' && <WebhookLog id={id} />}
          {tab === 'settings' && <WebhookFacts webhook={webhook} />}
        </Tabs>
      )}
    </Page>
  );
}

function WebhookActs({ webhook, onRemoved }: { webhook: WebhookRow; onRemoved: () => void }) {
  const { id, waiting, state } = webhook;
  const desk = useDesk();
  const confirm = useConfirm();
  const [editing, edit] = useUrlForm('edit');
  const [replaying, setReplaying] = useState(false);
  const params = { params: { id } };
  const test = useAct(() => desk.post('/v1/webhooks/{id}/test', params));
  const rotate = useAct(() => desk.post('/v1/webhooks/{id}/rotate-secret', params));
  const pause = useAct(() => desk.post('/v1/webhooks/{id}/pause', params), { done: 'Webhook paused' });
  const enable = useAct(() => desk.post('/v1/webhooks/{id}/enable', params), { done: 'Webhook enabled' });
  const remove = useAct(() => desk.delete('/v1/webhooks/{id}', params), {
    done: 'Webhook removed',
    // At once: the parts of the page would be read again, of a webhook that is gone.
    then: () => flushSync(onRemoved),
  });
  const name = webhookName(webhook);
  const asked = async (question: Parameters<typeof confirm>[0], act: () => void) => {
    if (await confirm(question)) act();
  };
  return (
    <>
      <Button busy={test.isPending} onClick={() => test.mutate()}>
        Send a test
      </Button>
      {state === 'disabled' ? (
        <Button
          busy={enable.isPending}
          onClick={() =>
            void asked({ title: `Enable ${name}?`, body: heldText(waiting.held), act: 'Enable', tone: 'accent' }, () =>
              enable.mutate(),
            )
          }
        >
          Enable
        </Button>
      ) : (
        <Button
          busy={pause.isPending}
          onClick={() =>
            void asked(
              {
                title: `Pause ${name}?`,
                body: 'New alerts are held until it is enabled, and are then sent in order.',
                act: 'Pause',
              },
              () => pause.mutate(),
            )
          }
        >
          Pause
        </Button>
      )}
      <Button onClick={() => setReplaying(true)}>Replay</Button>
      <Button
        busy={rotate.isPending}
        onClick={() =>
          void asked(
            {
              title: `Make a new secret for ${name}?`,
              body: 'For 24 hours messages have the signatures of both secrets. The receiver needs the new one by then.',
              act: 'Make a new secret',
              tone: 'accent',
            },
            () => rotate.mutate(),
          )
        }
      >
        Rotate secret
      </Button>
      <Button onClick={() => edit(true)}>Edit</Button>
      <Button
        tone="bad"
        busy={remove.isPending}
        onClick={() =>
          void asked(
            {
              title: `Remove ${name}?`,
              body: `${waiting.pending + waiting.held} waiting deliveries are cancelled. This cannot be undone.`,
              act: 'Remove',
            },
            () => remove.mutate(),
          )
        }
      >
        Remove
      </Button>
      {test.data && <TestResult result={test.data} onClose={() => test.reset()} />}
      {rotate.data && (
        <OnceShown title="New signing secret" secret={rotate.data.secret} onClose={() => rotate.reset()}>
          <p>The receiver verifies each message with this signing secret. It is shown only now.</p>
          <p>
            Until <Time value={rotate.data.previousUntil} />, messages have the signature of the old secret, too.
          </p>
        </OnceShown>
      )}
      {editing && <EditWebhook webhook={webhook} onClose={() => edit(false)} />}
      {replaying && <ReplayDialog id={id} onClose={() => setReplaying(false)} />}
    </>
  );
}

function heldText(held: number): string {
  return held === 0 ? 'No delivery is held.' : `${held} held deliveries are sent in order.`;
}
