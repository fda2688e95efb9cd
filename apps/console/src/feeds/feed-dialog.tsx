import { useDesk } from '@deskwire/client/react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Button, Dialog, Field, Select, TextArea, TextInput, useAct } from '../ui/index.js';
import { ProblemText } from '../parts/problem-text.js';
import { Restored } from '../parts/restored.js';
import { fieldsText, useKeptDraft } from '../parts/use-kept-draft.js';
import { EMPTY_FEED, FEED_KINDS, type FeedForm, formOfFeed, readFeedForm } from './feed-form.js';
import type { Feed } from './feed-words.js';

/** An address or a header may hold the key of a source. */
const FEED_TEXT = fieldsText<FeedForm>('url', 'headers');

interface FeedDialogProps {
  /** Absent: a new feed. */
  feed?: Feed;
  onClose: () => void;
  onSaved?: (id: string) => void;
}

/** Adds a feed, or changes one. What was typed stays until the desk has it. */
export function FeedDialog({ feed, onClose, onSaved }: FeedDialogProps) {
  const desk = useDesk();
  const [was] = useState(() => (feed ? formOfFeed(feed) : undefined));
  const [form, setForm, kept] = useKeptDraft<FeedForm>(`feed.${feed?.id ?? 'new'}`, was ?? EMPTY_FEED, FEED_TEXT);
  const [asked, setAsked] = useState(false);
  const venues = useQuery({ queryKey: ['/v1/venues'], queryFn: () => desk.get('/v1/venues') });
  const close = () => {
    kept.forget();
    onClose();
  };
  const read = readFeedForm(form, was);
  const issues = asked && 'issues' in read ? read.issues : {};
  const save = useAct(
    (body: Record<string, unknown>) =>
      feed
        ? desk.patch('/v1/feeds/{id}', { params: { id: feed.id }, body })
        : desk.post('/v1/feeds', { body: body as never }),
    {
      quiet: true,
      done: ({ name }) => (feed ? `${name} is changed.` : `${name} is added and polled at once.`),
      then: ({ id }) => {
        close();
        onSaved?.(id);
      },
    },
  );
  const unchanged = 'body' in read && Object.keys(read.body).length === 0;
  const submit = () => {
    setAsked(true);
    if ('body' in read && !unchanged) save.mutate(read.body);
  };
  const text = (field: keyof FeedForm) => ({
    value: form[field],
    onChange: (value: string) => setForm((before) => ({ ...before, [field]: value })),
  });
  return (
    <Dialog
      wide
      title={feed ? `Edit ${feed.name}` : 'Add a feed'}
      onClose={close}
      footer={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button tone="accent" busy={save.isPending} disabled={unchanged} onClick={submit}>
            {feed ? 'Save' : 'Add the feed'}
          </Button>
        </>
      }
    >
      <Restored kept={kept} without="the address and the headers" />
      <div className="form-grid">
        <Field label="Name" error={issues.name}>
          <TextInput {...text('name')} autoComplete="off" />
        </Field>
        <Field label="Kind" hint={feed && 'It cannot change'}>
          <Select {...text('kind')} options={FEED_KINDS} disabled={feed !== undefined} />
        </Field>
      </div>
      <Field label="Address" hint="{keys} is replaced by the keys of prices" error={issues.url}>
        <TextInput type="url" {...text('url')} placeholder="https://…" />
      </Field>
      <div className="form-grid">
        <Field label="Seconds between cycles" error={issues.cadence}>
          <TextInput inputMode="decimal" {...text('cadence')} />
        </Field>
        <Field label="Venue" hint="Its trading hours apply">
          <Select
            {...text('venue')}
            options={[
              { value: '', label: 'items at any time' },
              ...(venues.data?.items.map(({ name }) => name) ?? (form.venue ? [form.venue] : [])),
            ]}
          />
        </Field>
      </div>
      <details>
        <summary>More</summary>
        <div className="form-grid">
          <Field label="Time zone of times without one" hint="Such as Asia/Kolkata; empty: that of the venue">
            <TextInput {...text('timeZone')} />
          </Field>
          <Field
            label="Stale after minutes of silence"
            hint="In trading hours; empty: never"
            error={issues.expectedEvery}
          >
            <TextInput inputMode="decimal" {...text('expectedEvery')} />
          </Field>
          <Field label="Notify after empty cycles" hint="0: never; empty: as the desk is set" error={issues.emptyLimit}>
            <TextInput inputMode="numeric" {...text('emptyLimit')} />
          </Field>
          <Field label="Old items that alert at first" error={issues.alertOnFirst}>
            <TextInput inputMode="numeric" {...text('alertOnFirst')} />
          </Field>
          <Field label="Requests a second" hint="To the host, with all its feeds" error={issues.requestsPerSecond}>
            <TextInput inputMode="decimal" {...text('requestsPerSecond')} />
          </Field>
        </div>
        <Field
          label="Headers"
          hint="One a line. Write credentials as secret:NAME of FEEDS_SECRETS"
          error={issues.headers}
        >
          <TextArea {...text('headers')} rows={3} spellCheck={false} />
        </Field>
        <Field
          label="Settings"
          hint='JSON, such as {"quotes": {"broker": "zerodha", "key": "symbol"}} for prices'
          error={issues.settings}
        >
          <TextArea {...text('settings')} rows={6} spellCheck={false} />
        </Field>
      </details>
      {save.error && <ProblemText problem={save.error} />}
    </Dialog>
  );
}
