import { z } from 'zod';
import { checkedPayload, declaredEvents, defineEvent } from './event-type.js';

const code = (value: string) => expect.objectContaining({ code: value });

describe('a declared type of event', () => {
  defineEvent('SpecOpened', 1, z.strictObject({ account: z.string() }));
  defineEvent('SpecOpened', 2, z.strictObject({ account: z.string(), broker: z.string() }));

  it('a declared type of event accepts a payload of its newest version, or of the given version', () => {
    expect(checkedPayload('SpecOpened', { account: 'a', broker: 'b' })).toEqual({
      version: 2,
      payload: { account: 'a', broker: 'b' },
    });
    expect(checkedPayload('SpecOpened', { account: 'a' }, 1)).toEqual({ version: 1, payload: { account: 'a' } });
  });

  it('a declared type of event refuses a payload of another shape, and names the field but not the value', () => {
    const wrong = () => checkedPayload('SpecOpened', { account: 7, broker: 'b', token: 'hunter2' });
    expect(wrong).toThrow(code('EVENTS_PAYLOAD_INVALID'));
    expect(wrong).toThrow(/account/);
    expect(wrong).not.toThrow(/hunter2/);
  });

  it('a declared type of event is required for recording an event', () => {
    expect(() => checkedPayload('SpecNeverDeclared', {})).toThrow(code('EVENTS_TYPE_UNDECLARED'));
    expect(() => checkedPayload('SpecOpened', {}, 3)).toThrow(code('EVENTS_TYPE_UNDECLARED'));
  });

  it('a declared type of event is declared once per version, with a name in PascalCase', () => {
    expect(() => defineEvent('SpecOpened', 2, z.unknown())).toThrow(code('EVENTS_TYPE_DECLARED_TWICE'));
    for (const name of ['specOpened', 'Spec Opened', '', 'SPEC-OPENED'])
      expect(() => defineEvent(name, 1, z.unknown())).toThrow(RangeError);
    expect(
      declaredEvents()
        .filter((each) => each.type === 'SpecOpened')
        .map((each) => each.version),
    ).toEqual([1, 2]);
  });
});
