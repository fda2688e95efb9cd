import type { Answer } from '@deskwire/client';
import { useDesk } from '@deskwire/client/react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Button, Checkbox, Dialog, Field, TextArea, TextInput, useConfirm, useToast } from '../ui/index.js';
import { FileDrop } from '../parts/file-drop.js';
import { Restored } from '../parts/restored.js';
import { fieldsText, useKeptDraft } from '../parts/use-kept-draft.js';
import { UploadProgress } from '../parts/upload-progress.js';
import { useUpload } from '../parts/use-upload.js';
import { type DryRun, DryRunResult } from './dry-run-result.js';
import { EMPTY_MASTER, type MasterForm, masterIssue, masterQuery } from './import-settings.js';

type Imported = Extract<Answer<'/v1/instruments/imports', 'post'>, { importId: string }>;

const MASTER_TEXT = fieldsText<MasterForm>();

interface MasterDialogProps {
  onClose: () => void;
  onImported: (importId: string) => void;
}

/** A master by drag: tried first, with what it would change and what it would quarantine, then imported. */
export function MasterDialog({ onClose, onImported }: MasterDialogProps) {
  const desk = useDesk();
  const client = useQueryClient();
  const confirm = useConfirm();
  const toast = useToast();
  const [form, setForm, kept] = useKeptDraft('master', EMPTY_MASTER, MASTER_TEXT);
  const [files, setFiles] = useState<File[]>([]);
  const [tried, setTried] = useState<DryRun>();
  const [asked, setAsked] = useState(false);
  const upload = useUpload();
  const close = () => {
    kept.forget();
    onClose();
  };
  const issue = masterIssue(form, files.length);

  const change = (part: Partial<MasterForm>) => {
    setForm((before) => ({ ...before, ...part }));
    // Whether guards are obeyed does not change what was read.
    if (!('force' in part)) setTried(undefined);
  };
  const send = (dryRun: boolean) =>
    upload.send(
      files,
      (init) => desk.post('/v1/instruments/imports', { ...init, query: masterQuery(form, dryRun) }),
      form.mappingText.trim() === '' ? {} : { mapping: form.mappingText },
    );
  const tryIt = async () => {
    setAsked(true);
    if (issue === undefined) setTried((await send(true)) as DryRun | undefined);
  };
  const importIt = async () => {
    setAsked(true);
    if (issue !== undefined) return;
    const question = {
      title: `Import in spite of the guards of ${form.broker}?`,
      body: 'A guard refuses a master that is probably wrong. You can roll back the import afterwards.',
      act: 'Import it',
    };
    if (form.force && !(await confirm(question))) return;
    const answer = (await send(false)) as Imported | undefined;
    if (answer === undefined) return;
    await client.invalidateQueries();
    toast(`Imported: ${answer.inserted} new, ${answer.updated} changed, ${answer.delisted} delisted contracts.`);
    close();
    onImported(answer.importId);
  };

  return (
    <Dialog
      wide
      title="Import a master"
      onClose={close}
      footer={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button busy={upload.busy} onClick={() => void tryIt()}>
            Try it
          </Button>
          <Button
            tone="accent"
            busy={upload.busy}
            disabled={tried === undefined || (tried.refusal !== null && !form.force)}
            onClick={() => void importIt()}
          >
            Import
          </Button>
        </>
      }
    >
      <Restored kept={kept} without="the file" />
      <FileDrop
        label="file"
        hint="CSV or JSON, plain, gzip or ZIP. The formats of 22 brokers and venues are known"
        files={files}
        onFiles={(taken) => {
          setFiles(taken);
          setTried(undefined);
        }}
        disabled={upload.busy}
      />
      <div className="form-grid">
        <Field label="Broker" hint="The namespace of its keys, such as zerodha">
          <TextInput value={form.broker} onChange={(broker) => change({ broker })} autoComplete="off" />
        </Field>
        <Field label="Mapping" hint="Name of a stored mapping or a built-in format; empty: found by the columns">
          <TextInput value={form.mapping} onChange={(mapping) => change({ mapping })} autoComplete="off" />
        </Field>
      </div>
      <details>
        <summary>Other ways to read it</summary>
        <Field
          label="Mapping as JSON"
          hint="For a master that no format knows. Store it on the tab Mappings to use it again"
        >
          <TextArea
            value={form.mappingText}
            onChange={(mappingText) => change({ mappingText })}
            rows={6}
            spellCheck={false}
          />
        </Field>
        <Checkbox
          label="It is a part of a master: delist nothing"
          checked={form.partial}
          onChange={(partial) => change({ partial })}
        />
        <Checkbox label="Import in spite of the guards" checked={form.force} onChange={(force) => change({ force })} />
      </details>
      {asked && issue !== undefined && <p role="alert">{issue}</p>}
      <UploadProgress upload={upload} onStop={upload.stop} />
      {tried && <DryRunResult tried={tried} />}
    </Dialog>
  );
}
