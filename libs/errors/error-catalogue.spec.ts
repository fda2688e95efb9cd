import { defineErrors, errorCatalogue } from './error-catalogue.js';

describe('an error catalogue', () => {
  const makeError = defineErrors({
    SPEC_LOST: { kind: 'not_found', meaning: 'It is not there.', fix: 'Look elsewhere.' },
  });

  it('an error catalogue makes errors of its codes, with the meaning as message and the kind of the entry by default', () => {
    expect(makeError('SPEC_LOST')).toMatchObject({
      code: 'SPEC_LOST',
      message: 'It is not there.',
      details: { kind: 'not_found' },
    });
  });

  it('an error may have a text and a kind of its own, if the cause decides', () => {
    const error = makeError('SPEC_LOST', 'There is no spec 7.', { kind: 'unavailable', retryAfterMs: 5 });
    expect(error).toMatchObject({ message: 'There is no spec 7.', details: { kind: 'unavailable', retryAfterMs: 5 } });
  });

  it('an error catalogue refuses a code that is declared already', () => {
    expect(() => defineErrors({ SPEC_LOST: { kind: 'conflict', meaning: 'x', fix: 'y' } })).toThrow(/SPEC_LOST/);
  });

  it('an error catalogue lists every code in order', () => {
    const codes = errorCatalogue().map(([code]) => code);
    expect(codes).toContain('SPEC_LOST');
    expect(codes).toEqual([...codes].sort());
  });
});
