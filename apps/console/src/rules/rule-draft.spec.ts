import { blankRule, changeDraft, changeText, cloneOf, draftOf, editingOf, patchOf } from './rule-draft.js';

const stored = {
  ...{ id: 'r', userId: null, switchedOff: null, issues: [], createdAt: '', updatedAt: '' },
  ...blankRule(),
  name: 'Halts',
  scope: 'mine' as const,
  builtIn: null as string | null,
};

describe('the rule that the builder and the JSON edit', () => {
  it('a change in the builder is in the JSON, and a change in the JSON is in the builder', () => {
    const built = changeDraft(editingOf(blankRule()), { name: 'Halts', severity: 'critical' });
    expect(JSON.parse(built.text)).toMatchObject({ name: 'Halts', severity: 'critical' });
    const typed = changeText(built, built.text.replace('"Halts"', '"Trading halts"'));
    expect(typed).toMatchObject({ draft: { name: 'Trading halts', severity: 'critical' } });
    expect(typed.problem).toBeUndefined();
  });

  it('a text that is no rule is kept with the reason, and the builder keeps the last rule', () => {
    const before = editingOf({ ...blankRule(), name: 'Halts' });
    for (const [text, problem] of [
      ['{"name": ', 'Not JSON'],
      ['[]', 'A rule is an object'],
      ['{"name":"a","severity":"loud","condition":{"op":"exists"}}', 'severity'],
      ['{"name":"a","severity":"info","condition":{"all":1}}', 'condition'],
      ['{"name":"a","severity":"info","condition":{"op":"exists"},"loud":1}', 'loud'],
      ['{"name":"a","severity":"info","condition":{"op":"exists"},"quietHours":{"timeZone":"UTC"}}', 'quietHours'],
      ['{"name":"a","severity":"info","condition":{"op":"exists"},"channels":[1]}', 'channels'],
      ['{"name":"a","severity":"info","condition":{"op":"exists"},"dedupe":{}}', 'dedupe'],
    ] as const) {
      const after = changeText(before, text);
      expect(after).toEqual({ text, draft: before.draft, problem: expect.stringContaining(problem) });
    }
  });

  it('fields that the JSON leaves out have the defaults of the desk', () => {
    const text = '{"name":"a","severity":"info","condition":{"op":"exists","field":"broker"}}';
    expect(changeText(editingOf(blankRule()), text).draft).toEqual({
      ...blankRule(),
      ...{ name: 'a', severity: 'info', condition: { op: 'exists', field: 'broker' } },
    });
  });

  it('a patch names the changed fields only, and of a built-in rule those that it allows', () => {
    const draft = { ...draftOf(stored), name: 'Other', severity: 'info' as const };
    expect(patchOf(stored, draft)).toEqual({ name: 'Other', severity: 'info' });
    expect(patchOf({ ...stored, builtIn: 'FeedFailing' }, draft)).toEqual({ severity: 'info' });
    expect(patchOf(stored, draftOf(stored))).toEqual({});
  });

  it('a clone has another name and is switched off', () => {
    expect(cloneOf(stored)).toEqual({ ...draftOf(stored), name: 'Halts (copy)', enabled: false });
  });
});
