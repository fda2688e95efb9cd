import 'reflect-metadata';
import { Logger } from '@nestjs/common';
import { withCorrelation } from './correlation.js';
import { PinoLogger } from './pino-logger.js';

function recorded(level: 'info' | 'error' = 'info') {
  const lines: Record<string, unknown>[] = [];
  const logger = new PinoLogger(
    { logLevel: level, logFormat: 'json' },
    { write: (line) => void lines.push(JSON.parse(line)) },
  );
  Logger.overrideLogger(logger);
  return lines;
}

describe('The logger', () => {
  afterEach(() => Logger.overrideLogger(false));

  it('puts context, fields and the correlation id of the running context on a line of JSON', () => {
    const lines = recorded();
    withCorrelation('abc', () => new Logger('Import').log({ msg: 'done', rows: 3 }));
    expect(lines).toEqual([
      expect.objectContaining({ level: 'info', context: 'Import', msg: 'done', rows: 3, correlationId: 'abc' }),
    ]);
  });

  it('a line with an id of its own keeps it', () => {
    const lines = recorded();
    withCorrelation('context', () => new Logger('X').log({ msg: 'm', correlationId: 'own' }));
    expect(lines[0]).toMatchObject({ correlationId: 'own' });
  });

  it('the stack of an error is logged, and fields that a driver added are not', () => {
    const lines = recorded();
    new Logger('X').error({ msg: 'failed', err: Object.assign(new Error('no'), { parameters: ['s3cret'] }) });
    expect(lines[0]).toMatchObject({
      msg: 'failed',
      err: { message: 'no', stack: expect.stringContaining('pino-logger.spec') },
    });
    expect(JSON.stringify(lines)).not.toContain('s3cret');
  });

  it('The logger masks a secret in fields and in text', () => {
    const lines = recorded();
    new Logger('X').log({ msg: 'in', password: 'hunter2' });
    new Logger('X').warn('postgres://u:hunter2@h/d');
    expect(JSON.stringify(lines)).not.toContain('hunter2');
  });

  it('lines below the level are not logged', () => {
    const lines = recorded('error');
    new Logger('X').log('quiet');
    expect(lines).toEqual([]);
  });
});
