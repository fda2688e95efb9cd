import { makeCounterProvider, makeGaugeProvider } from '@willsoto/nestjs-prometheus';

export const realtimeMetrics = [
  makeGaugeProvider({ name: 'realtime_connections', help: 'Open sockets' }),
  makeGaugeProvider({ name: 'realtime_connections_limit', help: 'Maximum number of sockets of this process' }),
  makeCounterProvider({
    name: 'realtime_refusals_total',
    help: 'Refused sockets and messages',
    labelNames: ['reason'],
  }),
  makeCounterProvider({ name: 'realtime_closed_total', help: 'Sockets closed by the server', labelNames: ['reason'] }),
  makeCounterProvider({ name: 'realtime_messages_total', help: 'Messages from clients', labelNames: ['event'] }),
  makeCounterProvider({
    name: 'realtime_conflated_total',
    help: 'Frames dropped for slow sockets and replaced by a full cut',
  }),
];
