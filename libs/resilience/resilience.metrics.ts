import { makeCounterProvider, makeGaugeProvider } from '@willsoto/nestjs-prometheus';

export const BREAKER_STATE = 'resilience_breaker_state';
export const BREAKER_TRANSITIONS = 'resilience_breaker_transitions_total';
export const CALLS = 'resilience_calls_total';

export const resilienceMetrics = [
  makeGaugeProvider({
    name: BREAKER_STATE,
    help: 'Breaker of a dependency: 0 closed, 1 open, 2 half-open',
    labelNames: ['name'],
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
