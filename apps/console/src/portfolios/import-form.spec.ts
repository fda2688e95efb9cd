import { EMPTY_IMPORT, importIssue, importQuery } from './import-form.js';

describe("the form of an import of a broker's documents", () => {
  it('empty fields are not sent, and fields of another format neither', () => {
    const form = {
      ...EMPTY_IMPORT,
      portfolioId: 'desk:1',
      format: 'csv',
      keys: 'token',
      columns: 'quantity=Qty',
      cash: ' 5 ',
    };
    expect(importQuery(form, true)).toEqual({ format: 'csv', cash: '5', columns: 'quantity=Qty', dryRun: 'true' });
    expect(importQuery({ ...form, format: 'kite' }, false)).toEqual({ format: 'kite', cash: '5', keys: 'token' });
  });

  it('the form says what is missing before anything is sent', () => {
    const form = { ...EMPTY_IMPORT, portfolioId: 'a' };
    expect(importIssue(EMPTY_IMPORT, 1)).toMatch(/^Name the portfolio/);
    expect(importIssue({ ...form, asOf: 'yesterday' }, 1)).toMatch(/^Write the time/);
    expect(importIssue(form, 0)).toMatch(/^Add the documents/);
    expect(importIssue(form, 9)).toBe('An import has at most 8 documents; these are 9.');
    expect(importIssue(form, 8)).toBeUndefined();
  });
});
