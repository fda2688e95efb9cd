import { makeCounterProvider, makeGaugeProvider } from '@willsoto/nestjs-prometheus';

export const realtimeMetrics = [
  makeGaugeProvider({ name: 'realtime_connections', help: 'Open sockets' }),
  makeGaugeProvider({ name: 'realtime_connections_limit', help: 'Maximum number of sockets of this process' }),
  makeGaugeProvider({
    name: 'realtime_connections_peak',
    help: 'Highest number of sockets within the window (1m, 5m)',
    labelNames: ['window'],
  }),
  makeGaugeProvider({
    name: 'realtime_budget_used_ratio',
    help: 'Used share of each connection budget of this process; of users and addresses the highest of one',
    labelNames: ['budget'],
  }),
  makeGaugeProvider({
    name: 'realtime_behind',
    help: 'Sockets whose frames are dropped now because they read too slowly',
  }),
  makeGaugeProvider({ name: 'realtime_unsent_bytes', help: 'Bytes that wait for slow clients in this process' }),
  makeCounterProvider({
    name: 'realtime_refusals_total',
    help: 'Refused sockets and messages',
    labelNames: ['reason'],
  }),
  makeCounterProvider({
    name: 'realtime_closed_total',
    help: 'Closed sockets by reason (left: by the client, dead: no answer to a heartbeat)',
    labelNames: ['reason'],
  }),
  makeCounterProvider({ name: 'realtime_messages_total', help: 'Messages from clients', labelNames: ['event'] }),
  makeCounterProvider({
    name: 'realtime_conflated_total',
    help: 'Frames dropped for slow sockets and replaced by a full cut',
  }),
];
