import { Module } from '@nestjs/common';
import { AuthModule } from '#auth';
import { ChangesModule } from '#changes';
import { RealtimeController } from './flow/realtime.controller.js';
import { RealtimeReport } from './flow/realtime-report.js';
import { LiveSockets } from './live-sockets.js';
import { MessageGate } from './message-gate.js';
import { realtimeMetrics } from './realtime.metrics.js';
import { SocketAdmission } from './socket-admission.js';
import { SocketProblem } from './socket-problem.js';
import { SocketShares } from './budgets/socket-shares.js';

/**
 * Sockets with connection budgets and authentication. A socket never outlives its token. Needs `RealtimeAdapter` on the
 * app.
 */
@Module({
  imports: [AuthModule, ChangesModule],
  controllers: [RealtimeController],
  providers: [
    ...realtimeMetrics,
    LiveSockets,
    MessageGate,
    RealtimeReport,
    SocketAdmission,
    SocketProblem,
    SocketShares,
  ],
  exports: [LiveSockets, MessageGate, SocketAdmission],
})
export class RealtimeModule {}
