import { declareMetrics } from '#metrics';

export const realtimeMetrics = declareMetrics('realtime', {
  realtime_connections: { type: 'gauge', help: 'Open sockets' },
  realtime_connections_limit: { type: 'gauge', help: 'Maximum number of sockets of this process' },
  realtime_connections_peak: {
    type: 'gauge',
    help: 'Highest number of sockets within the window (1m, 5m)',
    labels: { window: ['1m', '5m'] },
  },
  realtime_budget_used_ratio: {
    type: 'gauge',
    help: 'Used share of each connection budget of this process; of users and addresses the highest of one',
    labels: { budget: ['connections', 'cluster', 'user', 'address'] },
  },
  realtime_behind: { type: 'gauge', help: 'Sockets whose frames are dropped now because they read too slowly' },
  realtime_unsent_bytes: { type: 'gauge', help: 'Bytes that wait for slow clients in this process' },
  realtime_refusals_total: {
    type: 'counter',
    help: 'Refused sockets and messages',
    labels: { reason: 'the error codes of sockets' },
  },
  realtime_closed_total: {
    type: 'counter',
    help: 'Closed sockets by reason (left: by the client, dead: no answer to a heartbeat)',
    labels: { reason: 'the reasons of libs/realtime/live-sockets.ts' },
  },
  realtime_messages_total: {
    type: 'counter',
    help: 'Messages from clients',
    labels: { event: 'the messages that the code declares' },
  },
  realtime_conflated_total: { type: 'counter', help: 'Frames dropped for slow sockets and replaced by a full cut' },
});
