import type { Socket } from 'socket.io-client';

/** The problem document of a refused connection. */
export interface Problem {
  status: number;
  code: string;
  correlationId: string;
  detail: string;
  retryAfterMs?: number;
  /** Of a budget that is used up. */
  limit?: number;
}

/** The result of a connection attempt. Ask in the step that opens the socket, or its answer may have come. */
export const outcome = (socket: Socket) =>
  new Promise<'connected' | Problem>((resolve) => {
    socket.on('connect', () => resolve('connected'));
    socket.on('connect_error', (error) =>
      resolve((error as Error & { data?: Problem }).data ?? ({ code: error.message } as Problem)),
    );
    // Closed before it was admitted or refused.
    socket.on('disconnect', (reason) => resolve({ code: reason } as Problem));
  });
/** The next message of an event. */
export const once = <T>(socket: Socket, event: string) => new Promise<T>((resolve) => socket.once(event, resolve));
/** The acknowledgement of a message. */
export const ask = <T = any>(socket: Socket, event: string, ...args: unknown[]): Promise<T> =>
  socket.timeout(60_000).emitWithAck(event, ...args);

/** Hands over the acknowledgement before the next message is handled. A promise may resolve after a delta that came with it. */
export const askInto = <T>(socket: Socket, event: string, message: unknown, take: (answer: T) => void): Promise<void> =>
  new Promise((resolve, reject) =>
    socket.timeout(60_000).emit(event, message, (error: Error | null, answer: T) => {
      if (error) return reject(error);
      take(answer);
      resolve();
    }),
  );

/** The TCP connection under a client's WebSocket. Paused, it simulates a client that stopped reading. */
export const tcpOf = (socket: Socket) =>
  (socket.io.engine.transport as unknown as { ws: { _socket: { pause(): void; resume(): void } } }).ws._socket;
