import { EMPTY_MASTER, masterIssue, masterQuery } from './import-settings.js';

describe('the form of an import of a master', () => {
  const form = { ...EMPTY_MASTER, broker: 'acme' };

  it('a dry run never forces, so that it says which guard would refuse', () => {
    const forced = { ...form, force: true, partial: true, mapping: 'nfo' };
    expect(masterQuery(forced, true)).toEqual({ broker: 'acme', mapping: 'nfo', partial: 'true', dryRun: 'true' });
    expect(masterQuery(forced, false)).toEqual({ broker: 'acme', mapping: 'nfo', partial: 'true', force: 'true' });
  });

  it('the form says what is wrong before a file is sent', () => {
    expect(masterIssue(EMPTY_MASTER, 1)).toMatch(/^Name the broker/);
    expect(masterIssue(form, 0)).toBe('Add the file of the master.');
    expect(masterIssue({ ...form, mapping: 'a', mappingText: '{}' }, 1)).toMatch(/not both/);
    expect(masterIssue({ ...form, mappingText: '[]' }, 1)).toBe('A mapping is a JSON object.');
    expect(masterIssue({ ...form, mappingText: '{' }, 1)).toMatch(/^The mapping is no JSON/);
    expect(masterIssue({ ...form, mappingText: '{"key":"id"}' }, 1)).toBeUndefined();
  });
});
