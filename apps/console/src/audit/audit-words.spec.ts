import { readFileSync } from 'node:fs';
import { ACTIONS, actionWords, auditQuery, changesOf } from './audit-words.js';

const NONE = { actor: '', subject: '', action: '', from: '', to: '' };

describe('the audit trail in words', () => {
  it('the filter offers exactly the actions that docs/audit.md names', () => {
    const page = readFileSync('docs/audit.md', 'utf8');
    const table = page.slice(
      page.indexOf('| action | recorded when |'),
      page.indexOf('A record is written in the transaction'),
    );
    const named = table
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .flatMap((line) => [...line.split('|')[1]!.matchAll(/`(\w+)`/g)].map(([, name]) => name!));
    expect([...ACTIONS].sort()).toEqual(named.sort());
    expect(actionWords('api_key_revoked')).toBe('API key revoked');
  });

  it('only filters that are set are sent, and an id that is cut off is named instead of sent', () => {
    expect(auditQuery({ ...NONE, action: 'signed_in', from: '2026-11-26T10:00:00.000Z' })).toEqual({
      query: { action: 'signed_in', from: '2026-11-26T10:00:00.000Z' },
    });
    expect(auditQuery({ ...NONE, subject: '0199c1a0' })).toEqual({
      issue: 'Write the whole id of the subject or of its owner.',
    });
  });

  it('only the fields that an act changed are shown', () => {
    expect(changesOf({ roles: ['viewer'], name: 'A' }, { roles: ['admin'], name: 'A', disabled: true })).toEqual([
      { field: 'roles', before: '["viewer"]', after: '["admin"]' },
      { field: 'disabled', before: '', after: 'true' },
    ]);
    expect(changesOf(null, { reason: 'wrong_password' })).toEqual([
      { field: 'reason', before: '', after: 'wrong_password' },
    ]);
  });
});
