import 'reflect-metadata';
import '@nestjs/common';
import { correlationId, correlationIdOf, withCorrelation } from './correlation.js';

const UUID = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[\da-f]{4}-[\da-f]{12}$/;

describe('The correlation id', () => {
  it('the correlation id is that of the caller', () => {
    expect(correlationIdOf({ 'x-correlation-id': 'order-17/a:b' })).toBe('order-17/a:b');
  });

  it.each([['a space'.padEnd(5)], ['line\nbreak'], ['"quoted"'], ['x'.repeat(129)], [''], ['naïve']])(
    'is a new one when %j is sent',
    (sent) => {
      expect(correlationIdOf({ 'x-correlation-id': sent })).toMatch(UUID);
    },
  );

  it('the correlation id is a new one when the header occurs twice', () => {
    expect(correlationIdOf({ 'x-correlation-id': ['a', 'b'] })).toMatch(UUID);
  });

  it('The correlation id is the trace id of traceparent when there is no other', () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    expect(correlationIdOf({ traceparent })).toBe('4bf92f3577b34da6a3ce929d0e0e4736');
    expect(correlationIdOf({ traceparent, 'x-correlation-id': 'mine' })).toBe('mine');
  });

  it('The correlation id is a new one when the trace id is all zeros, which W3C calls invalid', () => {
    expect(correlationIdOf({ traceparent: `00-${'0'.repeat(32)}-00f067aa0ba902b7-01` })).toMatch(UUID);
  });

  it('the correlation id lasts for everything that a job awaits, and ends with it', async () => {
    const seen = await withCorrelation('job-1', async () => {
      await new Promise(setImmediate);
      return correlationId();
    });
    expect(seen).toBe('job-1');
    expect(correlationId()).not.toBe('job-1');
  });

  it('The correlation id of an inner job is not that of the outer', () => {
    withCorrelation('outer', () => {
      expect(withCorrelation(undefined, correlationId)).toMatch(UUID);
      expect(correlationId()).toBe('outer');
    });
  });

  it('the correlation id of a job is a new one if the given id is not safe to print', () => {
    expect(withCorrelation('two\nlines', correlationId)).toMatch(UUID);
  });
});
