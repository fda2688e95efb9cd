import type { Socket } from 'socket.io';

/** Time in ms to read the last frames and to answer a close frame. ws itself waits 30 s, during which the server cannot stop. */
export const LINGER_MS = 1_000;

/**
 * Closes a connection at once. `close` sends a WebSocket close frame and waits 30 s for the peer to answer. A hostile
 * peer never answers, and behind a full buffer the frame is never read.
 */
export function terminate(connection: Socket['conn']): void {
  const { socket } = connection.transport as unknown as { socket?: { terminate?: () => void } };
  if (socket?.terminate) socket.terminate();
  else connection.close(true);
}
