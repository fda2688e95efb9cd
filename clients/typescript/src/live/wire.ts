import { io } from 'socket.io-client';

type Listener = (...args: never[]) => void;

/** The part of a socket.io socket that a watch uses. A fake desk implements it, too. */
export interface Wire {
  readonly connected: boolean;
  /** Sent with the next connect. */
  auth: unknown;
  connect(): unknown;
  disconnect(): unknown;
  on(event: string, listener: Listener): unknown;
  emit(event: string, message: object, answer: (body: unknown) => void): unknown;
}

export type OpenWire = (url: string) => Wire;

/** A socket of the namespace /dashboard, not connected yet. The watch itself decides when to connect again. */
export const openSocket: OpenWire = (url) => {
  const { origin, pathname } = new URL(url);
  return io(`${origin}/dashboard`, {
    path: `${pathname.replace(/\/+$/, '')}/socket.io`,
    transports: ['websocket'],
    autoConnect: false,
    reconnection: false,
    forceNew: true,
    timeout: 10_000,
  }) as Wire;
};
