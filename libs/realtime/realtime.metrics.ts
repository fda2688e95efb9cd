import { makeCounterProvider, makeGaugeProvider } from '@willsoto/nestjs-prometheus';

export const realtimeMetrics = [
  makeGaugeProvider({ name: 'realtime_connections', help: 'Sockets open now' }),
  makeGaugeProvider({ name: 'realtime_connections_limit', help: 'Sockets this process may hold' }),
  makeCounterProvider({
    name: 'realtime_refusals_total',
    help: 'Sockets and messages refused',
    labelNames: ['reason'],
  }),
  makeCounterProvider({ name: 'realtime_closed_total', help: 'Sockets closed by the server', labelNames: ['reason'] }),
  makeCounterProvider({ name: 'realtime_messages_total', help: 'Messages from clients', labelNames: ['event'] }),
  makeCounterProvider({ name: 'realtime_conflated_total', help: 'Frames that slow sockets did not get one by one' }),
];
