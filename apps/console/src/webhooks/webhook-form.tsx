import type { FormEvent } from 'react';
import { DeskProblem } from '@deskwire/client';
import { useDesk } from '@deskwire/client/react';
import { useCatalogue } from '../rules/use-catalogue.js';
import { Button, Checkbox, detailOf, Dialog, Field, Select, TextArea, TextInput, useAct, useCan } from '../ui/index.js';
import { OnceShown } from '../parts/once-shown.js';
import { Restored } from '../parts/restored.js';
import { fieldsText, type KeptDraft, useKeptDraft } from '../parts/use-kept-draft.js';
import type { WebhookRow } from './use-webhooks.js';
import { blankWebhook, changeOf, creationOf, type WebhookDraft, webhookDraftOf } from './webhook-draft.js';

/** The addresses of chat services are secrets, as are headers. */
const WEBHOOK_TEXT = fieldsText<WebhookDraft>('url', 'headers', 'username', 'password');

const SEVERITIES = [
  { value: '', label: 'All alerts' },
  { value: 'warning', label: 'Warning and critical' },
  { value: 'critical', label: 'Critical only' },
];

/** Adds a webhook, then shows its signing secret once. */
export function AddWebhook({ onClose, onOpen }: { onClose: () => void; onOpen: (id: string) => void }) {
  const desk = useDesk();
  const isOperator = useCan('operator');
  const [draft, setDraft, kept] = useKeptDraft('webhook.new', blankWebhook(), WEBHOOK_TEXT);
  const add = useAct(() => desk.post('/v1/webhooks', { body: creationOf(draft, isOperator) as never }), {
    done: 'Webhook added',
    then: kept.forget,
    quiet: true,
  });
  const close = (id: string) => {
    onClose();
    onOpen(id);
  };
  if (add.data) {
    const { id, secret } = add.data;
    return (
      <OnceShown secret={secret} title="Webhook added" onClose={() => close(id)}>
        <p>The receiver verifies each message with this signing secret. It is shown only now.</p>
      </OnceShown>
    );
  }
  return (
    <WebhookForm
      title="Add webhook"
      act="Add webhook"
      draft={draft}
      kept={kept}
      onChange={(after) => setDraft(() => after)}
      onSubmit={() => add.mutate()}
      onClose={onClose}
      isBusy={add.isPending}
      problem={add.error}
      isNew
    />
  );
}

export function EditWebhook({ webhook, onClose }: { webhook: WebhookRow; onClose: () => void }) {
  const desk = useDesk();
  const isOperator = useCan('operator');
  const [draft, setDraft, kept] = useKeptDraft(`webhook.${webhook.id}`, webhookDraftOf(webhook), WEBHOOK_TEXT);
  const change = useAct(
    () =>
      desk.patch('/v1/webhooks/{id}', {
        params: { id: webhook.id },
        body: changeOf(webhook, draft, isOperator) as never,
      }),
    {
      done: 'Webhook saved',
      then: () => {
        kept.forget();
        onClose();
      },
      quiet: true,
    },
  );
  return (
    <WebhookForm
      title="Edit webhook"
      act="Save"
      draft={draft}
      kept={kept}
      onChange={(after) => setDraft(() => after)}
      onSubmit={() => change.mutate()}
      onClose={onClose}
      isBusy={change.isPending}
      problem={change.error}
    />
  );
}

interface FormProps {
  title: string;
  act: string;
  draft: WebhookDraft;
  kept: KeptDraft;
  onChange: (draft: WebhookDraft) => void;
  onSubmit: () => void;
  onClose: () => void;
  isBusy: boolean;
  problem: Error | null;
  isNew?: boolean;
}

function WebhookForm(props: FormProps) {
  const { title, act, draft, kept, onChange, onSubmit, isBusy, problem, isNew = false } = props;
  const close = () => {
    kept.forget();
    props.onClose();
  };
  const isOperator = useCan('operator');
  const formats = useCatalogue()?.messageFormats ?? [draft.format];
  const errors = errorsByField(problem);
  const text = (name: 'url' | 'description' | 'concurrency' | 'ratePerSecond' | 'username' | 'password') => ({
    value: draft[name],
    onChange: (value: string) => onChange({ ...draft, [name]: value }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <Dialog
      title={title}
      onClose={close}
      footer={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button tone="accent" type="submit" form="webhook" busy={isBusy}>
            {act}
          </Button>
        </>
      }
    >
      <form id="webhook" className="stacked" onSubmit={submit}>
        <Restored kept={kept} without="the URL and what is secret" />
        {problem && errors.size === 0 && (
          <p className="field-error" role="alert">
            {detailOf(problem)}
          </p>
        )}
        <Field label="URL" hint="An https: address of a public host." error={errors.get('url')}>
          <TextInput type="url" required {...text('url')} />
        </Field>
        <Field label="Name" error={errors.get('description')}>
          <TextInput maxLength={200} {...text('description')} />
        </Field>
        <Field label="Message format" error={errors.get('format')}>
          <Select value={draft.format} options={formats} onChange={(format) => onChange({ ...draft, format })} />
        </Field>
        <Field label="Alerts" error={errors.get('minSeverity')}>
          <Select
            value={draft.minSeverity}
            options={SEVERITIES}
            onChange={(minSeverity) => onChange({ ...draft, minSeverity })}
          />
        </Field>
        {isOperator && isNew && (
          <Checkbox
            label="Belongs to the desk instead of me"
            checked={draft.desk}
            onChange={(desk) => onChange({ ...draft, desk })}
          />
        )}
        {isOperator && (
          <Checkbox
            label="Also receives operator alerts"
            checked={draft.operator}
            onChange={(operator) => onChange({ ...draft, operator })}
          />
        )}
        <details open={['concurrency', 'ratePerSecond', 'headers', 'basicAuth'].some((name) => errors.has(name))}>
          <summary>Limits and headers</summary>
          <div className="stacked">
            <Field label="Concurrent sends" hint="1 to 100. Empty: 10." error={errors.get('concurrency')}>
              <TextInput inputMode="numeric" {...text('concurrency')} />
            </Field>
            <Field label="Messages per second" hint="Empty: no limit." error={errors.get('ratePerSecond')}>
              <TextInput inputMode="decimal" {...text('ratePerSecond')} />
            </Field>
            <Field
              label="Headers"
              hint={`One a line: X-Api-Key: value. Stored encrypted.${isNew ? '' : ' Empty: the present ones stay.'}`}
              error={errors.get('headers')}
            >
              <TextArea
                rows={3}
                spellCheck={false}
                value={draft.headers}
                onChange={(headers) => onChange({ ...draft, headers })}
              />
            </Field>
            <Field label="User name" hint="For basic authentication at the receiver." error={errors.get('basicAuth')}>
              <TextInput autoComplete="off" {...text('username')} />
            </Field>
            <Field label="Password">
              <TextInput type="password" autoComplete="new-password" {...text('password')} />
            </Field>
          </div>
        </details>
      </form>
    </Dialog>
  );
}

/** What the desk refused, by the first part of the field's path. */
function errorsByField(problem: Error | null): ReadonlyMap<string, string> {
  if (!(problem instanceof DeskProblem)) return new Map();
  return new Map((problem.errors ?? []).map(({ field, allowed }) => [field.split('.')[0]!, allowed]));
}
