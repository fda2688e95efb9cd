import { createDesk } from '../index.js';
import { replaceGlobal } from '../session/globals.fixture.js';
import { FakeDesk } from '../testing/index.js';
import { deferred } from './until.fixture.js';
import type { Wire } from './wire.js';

describe('the connection of a watch', () => {
  it('a network that comes back ends the attempt that began without it, and begins another one', async () => {
    const listeners = new Map<string, () => void>();
    const restores = [
      replaceGlobal('addEventListener', {
        value: (event: string, listener: () => void) => listeners.set(event, listener),
      }),
      replaceGlobal('removeEventListener', { value: (event: string) => listeners.delete(event) }),
    ];
    const calls: string[] = [];
    const connecting = deferred();
    const again = deferred();
    const silent: Wire = {
      ...{ connected: false, auth: undefined, on: () => undefined, emit: () => undefined },
      connect: () => {
        if (calls.push('connect') === 1) connecting.resolve();
        else again.resolve();
      },
      disconnect: () => calls.push('disconnect'),
    };
    const fake = new FakeDesk();
    const desk = createDesk({ ...fake.options, openWire: () => silent, signIn: fake.credentials('viewer') });
    desk.watch({ system: {} }).subscribe(() => undefined);
    await connecting.promise;
    listeners.get('online')!();
    await again.promise;
    expect(calls).toEqual(['connect', 'disconnect', 'connect']);
    desk.close();
    expect([...listeners.keys()]).toEqual([]);
    for (const restore of restores) restore();
  });
});
