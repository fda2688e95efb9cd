/** Keeps text by name, as localStorage does. */
export interface TextStorage {
  getItem(name: string): string | null;
  setItem(name: string, text: string): void;
  removeItem(name: string): void;
}

type NetworkEvent = 'online' | 'offline';

/** What only some hosts have: pages, workers and Node differ. */
interface Host {
  document?: object;
  location?: { href: string };
  localStorage?: TextStorage;
  sessionStorage?: TextStorage;
  navigator?: { locks?: { request(name: string, work: () => Promise<void>): Promise<void> } };
  /** Browsers have it, Node does not. */
  reportError?(error: unknown): void;
  addEventListener?(event: NetworkEvent, listener: () => void): void;
  removeEventListener?(event: NetworkEvent, listener: () => void): void;
}

export const host = globalThis as unknown as Host;

export const isPage = host.document !== undefined;

/** Node ends although the timer runs or the channel is open. Browsers have no such thing. */
export function unref(handle: unknown): void {
  (handle as { unref?: () => void }).unref?.();
}
