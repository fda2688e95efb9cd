import type { Socket } from 'socket.io';

/**
 * Ends a connection without asking: `close` sends a WebSocket close frame and then waits 30 s for a peer that may be hostile,
 * and behind a full buffer it would never be read.
 */
export function hangUp(connection: Socket['conn']): void {
  const { socket } = connection.transport as unknown as { socket?: { terminate?: () => void } };
  if (socket?.terminate) socket.terminate();
  else connection.close(true);
}
