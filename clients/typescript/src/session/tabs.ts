import { host, unref } from '../host.js';
import { wait } from '../timing.js';
import type { KeptLogin } from './token-store.js';

/** Time in ms for the message of another tab to arrive after it has released the lock. */
const MESSAGE_MS = 50;

/** The part of a BroadcastChannel that is used, whose types differ between pages and Node. */
interface Channel {
  onmessage: (message: { data: { login: KeptLogin | undefined; at: number } }) => void;
  postMessage(message: object): void;
  close(): void;
}

/** The tabs of one browser that share a login. One at a time refreshes it, and tells the others. */
export class Tabs {
  #channel: Channel | undefined;
  /** When the login of this tab last changed, in ms since the epoch. A message that was sent before is out of date. */
  #changedAt = 0;

  /** @param onLogin called with the login of another tab; undefined: it has signed out */
  constructor(
    private readonly name: string,
    onLogin: (login: KeptLogin | undefined) => void,
  ) {
    if (typeof BroadcastChannel === 'undefined') return;
    this.#channel = new BroadcastChannel(name) as unknown as Channel;
    this.#channel.onmessage = ({ data }) => {
      if (data.at < this.#changedAt) return;
      this.#changedAt = data.at;
      onLogin(data.login);
    };
    unref(this.#channel);
  }

  tell(login: KeptLogin | undefined): void {
    this.#changedAt = Date.now();
    this.#channel?.postMessage({ login, at: this.#changedAt });
  }

  /**
   * Runs one refresh at a time. Without locks (pages over plain HTTP have none) tabs may refresh together: the desk then gives both
   * the same successor.
   * @param isDone whether another tab has done it meanwhile
   */
  async alone(isDone: () => boolean, work: () => Promise<void>): Promise<void> {
    const locks = host.navigator?.locks;
    if (locks === undefined) return work();
    const asked = Date.now();
    await locks.request(this.name, async () => {
      if (!isDone() && Date.now() - asked > 1) await wait(MESSAGE_MS);
      if (!isDone()) await work();
    });
  }

  close(): void {
    this.#channel?.close();
    this.#channel = undefined; // A closed one throws at the next message.
  }
}
