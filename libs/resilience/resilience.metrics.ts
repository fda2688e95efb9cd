import { declareMetrics } from '#metrics';

const NAMES = 'the first 16 dependencies in use; `others` for the rest';

export const BREAKER_STATE = 'resilience_breaker_state';
export const BREAKER_TRANSITIONS = 'resilience_breaker_transitions_total';
export const TIMEOUT = 'resilience_timeout_seconds';
export const CHANNEL_TARGETS = 'resilience_channel_targets';
export const CALLS = 'resilience_calls_total';

export const resilienceMetrics = declareMetrics('resilience', {
  [BREAKER_STATE]: {
    type: 'gauge',
    help: 'Breaker of a dependency: 0 closed, 1 open, 2 half-open; of `others` the worst',
    labels: { name: `${NAMES}, of which up to 16 have their own name while they are not closed` },
  },
  [TIMEOUT]: {
    type: 'gauge',
    help: 'Timeout of the next call of a dependency, which adapts to the 99th percentile of its successful calls; of `others` the longest',
    labels: { name: NAMES },
  },
  [CHANNEL_TARGETS]: {
    type: 'gauge',
    help: 'Targets of a channel that are in use, by their timeout: maximum, or shortened to what they need',
    labels: { channel: 'the channels of deliveries', timeout: ['maximum', 'shortened'] },
  },
  [BREAKER_TRANSITIONS]: {
    type: 'counter',
    help: 'Transitions of breakers, by the state entered',
    labels: { name: NAMES, to: ['closed', 'open', 'half-open'] },
  },
  [CALLS]: {
    type: 'counter',
    help: 'Calls of dependencies by outcome: success, fallback, open (not called), rejected (too many), aborted, or the class of the error',
    labels: {
      name: NAMES,
      outcome: [
        'success',
        'fallback',
        'open',
        'rejected',
        'aborted',
        'timeout',
        'refused',
        'rate-limited',
        'client',
        'server',
        'unknown',
      ],
    },
  },
});
