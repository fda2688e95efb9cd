import { DomainError } from '#errors';
import { classifyError, classifyStatus, countsAgainst, isRetryable } from './error-class.js';

const coded = (code: string) => Object.assign(new Error('x'), { code });

describe('the class of an error', () => {
  it.each([
    ['a connection nobody takes', coded('ECONNREFUSED'), 'refused'],
    ['a name that is not there', coded('ENOTFOUND'), 'refused'],
    ['a resolver that is busy', coded('EAI_AGAIN'), 'refused'],
    ['a host without a route', coded('EHOSTUNREACH'), 'refused'],
    ['a server that is shutting down', coded('57P01'), 'refused'],
    ['a connection that took too long', coded('UND_ERR_CONNECT_TIMEOUT'), 'timeout'],
    ['a statement that took too long', coded('57014'), 'timeout'],
    ['AbortSignal.timeout()', new DOMException('x', 'TimeoutError'), 'timeout'],
    ['a reset', coded('ECONNRESET'), 'server'],
    ['a broken TLS certificate', coded('DEPTH_ZERO_SELF_SIGNED_CERT'), 'server'],
    ['an answer that is no HTTP', coded('HPE_INVALID_CONSTANT'), 'server'],
    ['status 429', { statusCode: 429 }, 'rate-limited'],
    ['status 404', { status: 404 }, 'client'],
    ['status 503', { status: 503 }, 'server'],
    ['a conflict of our own', new DomainError('X', 'x', { kind: 'conflict' }), 'client'],
    ['what is unavailable', new DomainError('X', 'x', { kind: 'unavailable' }), 'server'],
    [
      'what says so itself',
      Object.assign(new DomainError('X', 'x', { kind: 'unavailable' }), { errorClass: 'timeout' }),
      'timeout',
    ],
    ['a fault of the code', new TypeError('x is not a function'), 'unknown'],
    ['no error at all', undefined, 'unknown'],
  ])('%s', (_what, error, expected) => {
    expect(classifyError(error)).toBe(expected);
  });

  it('the class of an error is found in its cause, and in the first attempt of several addresses', () => {
    expect(classifyError(new TypeError('fetch failed', { cause: coded('ECONNREFUSED') }))).toBe('refused');
    expect(classifyError(new AggregateError([coded('ETIMEDOUT'), coded('ENETUNREACH')]))).toBe('timeout');
  });

  it('the class of an error is found although its causes form a cycle', () => {
    const error = new Error('x');
    error.cause = error;
    expect(classifyError(error)).toBe('unknown');
  });

  it('the class of a status is a timeout for 408 and 504, transient for 425 and 5xx, and permanent for 3xx and other 4xx', () => {
    expect([301, 400, 408, 410, 425, 429, 500, 502, 504, 599].map(classifyStatus)).toEqual([
      'client',
      'client',
      'timeout',
      'client',
      'server',
      'rate-limited',
      'server',
      'server',
      'timeout',
      'server',
    ]);
  });

  it('transient errors are retried, and all errors except wrong calls count against the dependency', () => {
    const classes = ['timeout', 'refused', 'rate-limited', 'client', 'server', 'unknown'] as const;
    expect(classes.filter(isRetryable)).toEqual(['timeout', 'refused', 'rate-limited', 'server']);
    expect(classes.filter(countsAgainst)).toEqual(['timeout', 'refused', 'rate-limited', 'server', 'unknown']);
  });
});
