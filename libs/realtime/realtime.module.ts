import { Module } from '@nestjs/common';
import { AuthModule } from '#auth';
import { ChangesModule } from '#changes';
import { LiveSockets } from './live-sockets.js';
import { MessageGate } from './message-gate.js';
import { realtimeMetrics } from './realtime.metrics.js';
import { SocketDoor } from './socket-door.js';
import { SocketProblem } from './socket-problem.js';

/** Sockets with budgets, authentication and a life no longer than their token. Needs `RealtimeAdapter` on the app. */
@Module({
  imports: [AuthModule, ChangesModule],
  providers: [...realtimeMetrics, LiveSockets, MessageGate, SocketDoor, SocketProblem],
  exports: [LiveSockets, MessageGate, SocketDoor],
})
export class RealtimeModule {}
