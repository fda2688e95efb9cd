import { blankWebhook, changeOf, creationOf, webhookDraftOf } from './webhook-draft.js';

const stored = {
  ...{ url: 'https://a.example/hook', description: 'A', format: 'generic', minSeverity: null },
  ...{ concurrency: 10, ratePerSecond: null, operator: false },
};

describe('the form of a webhook', () => {
  it('an empty field is the default of the desk, and only an operator names the desk', () => {
    const draft = { ...blankWebhook(), url: ' https://a.example/hook ', desk: true };
    expect(creationOf(draft, false)).toEqual({
      ...{ url: 'https://a.example/hook', description: '', format: 'generic', minSeverity: null, ratePerSecond: null },
    });
    expect(creationOf(draft, true)).toMatchObject({ desk: true, operator: false });
  });

  it('header lines become an object, and a value keeps its colons', () => {
    const draft = { ...blankWebhook(), headers: 'X-Api-Key: a:b\n\n X-Team : desk ', username: 'ann', password: 'p' };
    expect(creationOf(draft, false)).toMatchObject({
      headers: { 'X-Api-Key': 'a:b', 'X-Team': 'desk' },
      basicAuth: { username: 'ann', password: 'p' },
    });
  });

  it('a change names only the fields that differ', () => {
    const draft = webhookDraftOf(stored);
    expect(changeOf(stored, draft, true)).toEqual({});
    expect(changeOf(stored, { ...draft, minSeverity: 'critical', concurrency: '3', operator: true }, true)).toEqual({
      ...{ minSeverity: 'critical', concurrency: 3, operator: true },
    });
    expect(changeOf(stored, { ...draft, operator: true }, false)).toEqual({});
  });
});
