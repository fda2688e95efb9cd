import { useQuery } from '@tanstack/react-query';
import { DeskProblem } from '@deskwire/client';
import { useDesk } from '@deskwire/client/react';
import { Badge, Button, Field, Page, Sheet, TextArea, useAct, useCan } from '../ui/index.js';
import { NotShown } from '../filters/facts.js';
import { Restored } from '../parts/restored.js';
import { useKeptDraft } from '../parts/use-kept-draft.js';
import { ConditionBuilder } from './condition-builder.js';
import { pathOfIssue } from './condition-tree.js';
import { DryRun } from './dry-run.js';
import { namesFor } from './event-fields.js';
import { QuietHoursEditor } from './quiet-hours-editor.js';
import {
  blankRule,
  changeDraft,
  changeText,
  cloneOf,
  draftOf,
  editingOf,
  patchOf,
  type RuleDraft,
  type RuleEditing,
} from './rule-draft.js';
import { RuleHead, RuleMessages } from './rule-fields.js';
import { useCatalogue } from './use-catalogue.js';
import type { RuleRow } from './use-rules.js';

/** @param opened `new`, the id of a rule, or `clone-` and the id of the rule to copy */
export function RuleEditor({ opened, open }: { opened: string; open: (rule: string) => void }) {
  const desk = useDesk();
  const id = opened.replace(/^clone-/, '');
  const { data, error } = useQuery<RuleRow>({
    queryKey: ['/v1/alert-rules', id],
    queryFn: () => desk.get('/v1/alert-rules/{id}', { params: { id } }),
    enabled: opened !== 'new',
  });
  if (opened === 'new') return <Editor opened={opened} initial={blankRule()} stored={undefined} open={open} />;
  if (error)
    return (
      <Page title="Rule">
        <NotShown problem={error} next={<Button onClick={() => open('')}>Back to the rules</Button>} />
      </Page>
    );
  if (data === undefined) return <Page title="Rule">{null}</Page>;
  const isClone = opened !== id;
  return (
    <Editor
      opened={opened}
      initial={isClone ? cloneOf(data) : draftOf(data)}
      stored={isClone ? undefined : data}
      open={open}
    />
  );
}

interface EditorProps {
  opened: string;
  initial: RuleDraft;
  stored: RuleRow | undefined;
  open: (rule: string) => void;
}

/** Also a text that is no rule yet is kept. */
const RULE_TEXT = {
  textOf: ({ text }: RuleEditing) => text,
  read: (text: string, fresh: RuleEditing) => changeText(fresh, text),
};

function Editor({ opened, initial, stored, open }: EditorProps) {
  const desk = useDesk();
  const canWrite = useCan('trader');
  const catalogue = useCatalogue();
  const [editing, setEditing, kept] = useKeptDraft(`rule.${opened}`, editingOf(initial), RULE_TEXT);
  const { draft, problem } = editing;
  const change = (part: Partial<RuleDraft>) => setEditing((before) => changeDraft(before, part));
  const save = useAct(
    (): Promise<RuleRow> =>
      stored === undefined
        ? desk.post('/v1/alert-rules', { body: draft as never })
        : desk.patch('/v1/alert-rules/{id}', { params: { id: stored.id }, body: patchOf(stored, draft) as never }),
    {
      done: 'Rule saved',
      then: (rule) => {
        kept.forget();
        open(rule.id);
      },
      quiet: true,
    },
  );
  const isBuiltIn = stored?.builtIn != null;
  const isUnchanged = stored !== undefined && Object.keys(patchOf(stored, draft)).length === 0;
  const errors = errorsOf(save.error);
  return (
    <Page
      title={stored?.name ?? 'New rule'}
      about={isBuiltIn && 'A built-in rule: its name, condition and webhooks are fixed.'}
      actions={
        <>
          <Button icon="left" onClick={() => open('')}>
            Rules
          </Button>
          {stored && canWrite && <Button onClick={() => open(`clone-${stored.id}`)}>Clone</Button>}
          {canWrite && (
            <Button
              tone="accent"
              busy={save.isPending}
              disabled={problem !== undefined || isUnchanged}
              onClick={() => save.mutate()}
            >
              {stored === undefined ? 'Create rule' : 'Save'}
            </Button>
          )}
        </>
      }
    >
      {stored?.switchedOff != null && (
        <p className="notice" data-tone="bad">
          The desk switched this rule off: {stored.switchedOff} Enable it to try again.
        </p>
      )}
      <Restored kept={kept} />
      {errors.general.map((text) => (
        <p key={text} className="notice" data-tone="bad" role="alert">
          {text}
        </p>
      ))}
      {stored?.issues.map(({ field, seen, problem: text }) => (
        <p key={field} className="notice" data-tone="warn">
          <code>{field}</code> names <code>{seen}</code>: {text}
        </p>
      ))}
      <div className="rule-editor">
        <fieldset className="bare" disabled={!canWrite || problem !== undefined}>
          <RuleHead draft={draft} onChange={change} isBuiltIn={isBuiltIn} isNew={stored === undefined} />
          <ConditionBuilder
            condition={draft.condition}
            onChange={(condition) => change({ condition })}
            isLocked={isBuiltIn}
            errors={errors.byPath}
            names={namesFor(draft.condition, catalogue)}
          />
          <RuleMessages draft={draft} onChange={change} isBuiltIn={isBuiltIn} />
          <QuietHoursEditor value={draft.quietHours} onChange={(quietHours) => change({ quietHours })} />
        </fieldset>
        <Sheet title="The same rule as JSON" actions={problem && <Badge tone="bad">not a rule</Badge>}>
          <fieldset className="bare sheet-body" disabled={!canWrite}>
            <Field
              label="JSON"
              hint="What POST /v1/alert-rules takes. Changes here appear in the builder at once."
              error={problem}
            >
              <TextArea
                rows={28}
                spellCheck={false}
                value={editing.text}
                onChange={(text) => setEditing((before) => changeText(before, text))}
              />
            </Field>
          </fieldset>
        </Sheet>
      </div>
      {canWrite && <DryRun draft={draft} isReady={problem === undefined} />}
    </Page>
  );
}

/** The refusals of the desk, those of the condition by the path of their node. */
function errorsOf(error: unknown): { general: string[]; byPath: ReadonlyMap<string, string> } {
  const byPath = new Map<string, string>();
  const general: string[] = [];
  if (!(error instanceof DeskProblem)) return { general, byPath };
  for (const { field, allowed } of error.errors ?? []) {
    if (/^(rule\.)?condition/.test(field)) byPath.set(pathOfIssue(field).join('.'), `${field}: ${allowed}`);
    else general.push(`${field}: ${allowed}`);
  }
  if (general.length === 0 && byPath.size === 0) general.push(error.detail);
  return { general, byPath };
}
