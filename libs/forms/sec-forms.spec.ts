import { canonicalForm } from './index.js';

describe('the name of a form', () => {
  it.each([
    ['SC 13D', 'SCHEDULE 13D'],
    ['SC 13D/A', 'SCHEDULE 13D/A'],
    ['SC13G', 'SCHEDULE 13G'],
    ['schedule 13d', 'SCHEDULE 13D'],
    ['13g/a', 'SCHEDULE 13G/A'],
    ['8k', '8-K'],
    [' 10-k/A ', '10-K/A'],
    ['10K /A', '10-K/A'],
    ['Form 4', '4'],
    ['form 8-K', '8-K'],
    ['DEF14A', 'DEF 14A'],
    ['defa14a', 'DEFA14A'],
    ['NT  10-K', 'NT 10-K'],
    ['S8 POS', 'S-8 POS'],
  ])('%j is %j', (text, form) => {
    expect(canonicalForm(text)).toBe(form);
    expect(canonicalForm(form)).toBe(form);
  });

  it('a form that is not known, or that resembles a known one, keeps its own name', () => {
    for (const form of ['10-K405', '10-K405/A', '8-K12B', '8-K12G3', '424B5', 'SC TO-C', '3', '144', 'N-CSRS', '497K'])
      expect(canonicalForm(form)).toBe(form);
  });
});
