import type { Socket } from 'socket.io';

/**
 * Closes a connection at once. `close` sends a WebSocket close frame and waits 30 s for the peer to answer. A hostile
 * peer never answers, and behind a full buffer the frame is never read.
 */
export function terminate(connection: Socket['conn']): void {
  const { socket } = connection.transport as unknown as { socket?: { terminate?: () => void } };
  if (socket?.terminate) socket.terminate();
  else connection.close(true);
}
