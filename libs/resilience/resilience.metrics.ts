import { makeCounterProvider, makeGaugeProvider } from '@willsoto/nestjs-prometheus';

export const BREAKER_STATE = 'resilience_breaker_state';
export const BREAKER_TRANSITIONS = 'resilience_breaker_transitions_total';
export const TIMEOUT = 'resilience_timeout_seconds';
export const CHANNEL_TARGETS = 'resilience_channel_targets';
export const CALLS = 'resilience_calls_total';

export const resilienceMetrics = [
  makeGaugeProvider({
    name: BREAKER_STATE,
    help: 'Breaker of a dependency: 0 closed, 1 open, 2 half-open',
    labelNames: ['name'],
  }),
  makeGaugeProvider({
    name: TIMEOUT,
    help: 'Timeout of the next call of a dependency, which adapts to the 99th percentile of its successful calls',
    labelNames: ['name'],
  }),
  makeGaugeProvider({
    name: CHANNEL_TARGETS,
    help: 'Targets of a channel that are in use, by their timeout: maximum, or shortened to what they need',
    labelNames: ['channel', 'timeout'],
  }),
  makeCounterProvider({
    name: BREAKER_TRANSITIONS,
    help: 'Transitions of breakers, by the state entered',
    labelNames: ['name', 'to'],
  }),
  makeCounterProvider({
    name: CALLS,
    help: 'Calls of dependencies by outcome: success, fallback, open (not called), rejected (too many), aborted, or the class of the error',
    labelNames: ['name', 'outcome'],
  }),
];
