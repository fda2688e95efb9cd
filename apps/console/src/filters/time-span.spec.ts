import { inputOfInstant, instantOfInput, recentSpan } from './time-span.js';

describe('the time filter', () => {
  it('an instant and its local text lead to each other in any zone and on the day the clock changes', () => {
    for (const [zone, iso, text] of [
      ['UTC', '2026-11-26T17:00:00.000Z', '2026-11-26T17:00'],
      ['Asia/Kolkata', '2026-11-26T18:45:00.000Z', '2026-11-27T00:15'],
      ['America/New_York', '2026-03-08T07:30:00.000Z', '2026-03-08T03:30'],
      ['America/New_York', '2026-03-08T06:30:00.000Z', '2026-03-08T01:30'],
      ['America/New_York', '2026-11-01T07:30:00.000Z', '2026-11-01T02:30'],
    ] as const) {
      expect(inputOfInstant(iso, zone)).toBe(text);
      expect(instantOfInput(text, zone)).toBe(iso);
    }
  });

  it('an empty or unreadable time is no filter', () => {
    expect(inputOfInstant('', 'UTC')).toBe('');
    expect(instantOfInput('', 'UTC')).toBe('');
    expect(instantOfInput('soon', 'UTC')).toBe('');
  });

  it('a recent span begins at a whole minute and stays open', () => {
    expect(recentSpan(60, new Date('2026-11-26T17:05:42.123Z'))).toEqual({ from: '2026-11-26T16:05:00.000Z', to: '' });
  });
});
