import type { CallInit } from '@deskwire/client';
import { useDesk } from '@deskwire/client/react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Button, Checkbox, Dialog, Field, Select, TextInput, useCan, useToast } from '../ui/index.js';
import { FileDrop } from '../parts/file-drop.js';
import { Restored } from '../parts/restored.js';
import { fieldsText, useKeptDraft } from '../parts/use-kept-draft.js';
import { UploadProgress } from '../parts/upload-progress.js';
import { useUpload } from '../parts/use-upload.js';
import { EMPTY_IMPORT, IMPORT_FORMATS, type ImportForm, importIssue, importQuery } from './import-form.js';
import { type PortfolioImport, ImportResult } from './import-result.js';

type Query = NonNullable<CallInit<'/v1/portfolios/{id}/snapshot', 'post'>['query']>;

const IMPORT_TEXT = fieldsText<ImportForm>();

interface ImportDialogProps {
  /** Absent: the form asks for its name. */
  portfolio?: { portfolioId: string; broker: string; account: string };
  onClose: () => void;
  onStored: (portfolioId: string) => void;
}

/** Documents of a broker become a snapshot: read first, shown, and stored when the person agrees. */
export function ImportDialog({ portfolio, onClose, onStored }: ImportDialogProps) {
  const initial = { ...EMPTY_IMPORT, portfolioId: portfolio?.portfolioId ?? '' };
  const [form, setForm, kept] = useKeptDraft<ImportForm>(`import.${initial.portfolioId}`, initial, IMPORT_TEXT);
  const [files, setFiles] = useState<File[]>([]);
  const [read, setRead] = useState<PortfolioImport>();
  const [tried, setTried] = useState(false);
  const upload = useUpload();
  const desk = useDesk();
  const client = useQueryClient();
  const toast = useToast();
  const ownsAll = useCan('operator');
  const close = () => {
    kept.forget();
    onClose();
  };
  const issue = importIssue(form, files.length);

  // What was read before a change says nothing of what would be stored after it.
  const change = (part: Partial<ImportForm>) => {
    setForm((before) => ({ ...before, ...part }));
    setRead(undefined);
  };
  const takeFiles = (taken: File[]) => {
    setFiles(taken);
    setRead(undefined);
  };
  const send = async (dryRun: boolean) => {
    setTried(true);
    if (issue !== undefined) return;
    const answer = await upload.send(files, (init) =>
      desk.post('/v1/portfolios/{id}/snapshot', {
        ...init,
        params: { id: form.portfolioId },
        query: importQuery(form, dryRun) as Query,
      }),
    );
    if (answer === undefined) return;
    if (dryRun) return setRead(answer);
    await client.invalidateQueries();
    if (answer.status === 'stale') {
      setRead(answer);
      return toast('Nothing is stored: the desk has a snapshot that is as new or newer.', { tone: 'bad' });
    }
    toast(`${answer.positions.length} positions of ${answer.portfolioId} are stored.`);
    onStored(answer.portfolioId);
    close();
  };

  return (
    <Dialog
      wide
      title={portfolio ? `Import into ${portfolio.portfolioId}` : 'Import from a broker'}
      onClose={close}
      footer={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button busy={upload.busy} onClick={() => void send(true)}>
            Read without storing
          </Button>
          <Button
            tone="accent"
            busy={upload.busy}
            disabled={read === undefined || read.status === 'stale'}
            onClick={() => void send(false)}
          >
            Store the snapshot
          </Button>
        </>
      }
    >
      <Restored kept={kept} without="the documents" />
      <div className="form-grid">
        {!portfolio && (
          <Field label="Portfolio" hint="A new name makes a new portfolio">
            <TextInput
              value={form.portfolioId}
              onChange={(portfolioId) => change({ portfolioId })}
              autoComplete="off"
            />
          </Field>
        )}
        <Field label="Documents of">
          <Select value={form.format} onChange={(format) => change({ format })} options={IMPORT_FORMATS} />
        </Field>
      </div>
      <FileDrop
        label="documents"
        hint="At most 8 files of one account, such as positions and holdings"
        files={files}
        onFiles={takeFiles}
        several
        disabled={upload.busy}
      />
      <details>
        <summary>What the documents do not say</summary>
        <div className="form-grid">
          <Field label="Broker" hint={portfolio ? `${portfolio.broker} by default` : 'That of the format by default'}>
            <TextInput value={form.broker} onChange={(broker) => change({ broker })} />
          </Field>
          <Field
            label="Account"
            hint={portfolio ? `${portfolio.account} by default` : 'That of the documents by default'}
          >
            <TextInput value={form.account} onChange={(account) => change({ account })} />
          </Field>
          <Field label="Time" hint="With zone, such as 2026-11-26T15:30:00+05:30">
            <TextInput value={form.asOf} onChange={(asOf) => change({ asOf })} />
          </Field>
          <Field label="Currency">
            <TextInput value={form.currency} onChange={(currency) => change({ currency: currency.toUpperCase() })} />
          </Field>
          <Field label="Cash" hint="If the documents have none">
            <TextInput inputMode="decimal" value={form.cash} onChange={(cash) => change({ cash })} />
          </Field>
          {form.format === 'kite' && (
            <Field label="Keys">
              <Select
                value={form.keys}
                onChange={(keys) => change({ keys })}
                options={[
                  { value: '', label: 'instrument_token' },
                  { value: 'symbol', label: 'exchange:tradingsymbol' },
                ]}
              />
            </Field>
          )}
          {form.format === 'csv' && (
            <>
              <Field label="Columns" hint="Such as quantity=Qty,lastPrice=LTP">
                <TextInput value={form.columns} onChange={(columns) => change({ columns })} />
              </Field>
              <Field label="Decimal mark">
                <Select
                  value={form.decimalMark}
                  onChange={(decimalMark) => change({ decimalMark })}
                  options={[{ value: '', label: 'by the header' }, '.', ',']}
                />
              </Field>
            </>
          )}
        </div>
        <Checkbox
          label="Store an account without positions, too"
          checked={form.allowEmpty}
          onChange={(allowEmpty) => change({ allowEmpty })}
        />
        {ownsAll && !portfolio && (
          <p className="note">The portfolio is yours. An import over the API can name another owner.</p>
        )}
      </details>
      {tried && issue !== undefined && <p role="alert">{issue}</p>}
      <UploadProgress upload={upload} onStop={upload.stop} />
      {read && <ImportResult read={read} />}
    </Dialog>
  );
}
