export { LiveSocket } from './live-socket.js';
export { LiveSockets } from './live-sockets.js';
export { RealtimeAdapter } from './realtime.adapter.js';
export { realtimeConfig } from './realtime.config.js';
export { RealtimeModule } from './realtime.module.js';
export { realtimeSocketEvents } from './realtime-socket-events.js';
export { RethrowToGate } from './rethrow-to-gate.js';
export type { SocketEvent } from './socket-event.js';
export { eventFrame } from './socket-frame.js';
