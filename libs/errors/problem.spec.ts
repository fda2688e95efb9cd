import { BadRequestException, InternalServerErrorException, NotFoundException } from '@nestjs/common';
import { DomainError } from './domain-error.js';
import { problemOf } from './problem.js';

describe('A problem document', () => {
  it('the problem document of a domain error has its code, message, status and correlation id', () => {
    const error = new DomainError('PORTFOLIOS_NOT_FOUND', 'There is no portfolio 7.', { kind: 'not_found' });
    expect(problemOf(error, 'c-1')).toEqual({
      type: 'about:blank',
      title: 'Not Found',
      status: 404,
      detail: 'There is no portfolio 7.',
      code: 'PORTFOLIOS_NOT_FOUND',
      correlationId: 'c-1',
    });
  });

  it.each([
    ['an error', new Error('SELECT secret FROM /etc')],
    ['a thrown text', 'SELECT secret FROM /etc'],
    ['nothing', undefined],
    ['an internal domain error', new DomainError('X', 'SELECT secret FROM /etc', { kind: 'internal' })],
    ["Nest's own 500", new InternalServerErrorException('SELECT secret FROM /etc')],
    ['an error that calls itself 502', Object.assign(new Error('SELECT secret FROM /etc'), { statusCode: 502 })],
  ])('the problem document of %s is a neutral 500', (_name, error) => {
    const problem = problemOf(error, 'c-1');
    expect(problem.status).toBe(500);
    expect(JSON.stringify(problem)).not.toContain('secret');
  });

  it('A problem document of a framework error has a code of its status', () => {
    expect(problemOf(new NotFoundException('Cannot GET /x'), 'c')).toMatchObject({
      status: 404,
      code: 'ROUTE_NOT_FOUND',
    });
    expect(problemOf(new BadRequestException('no'), 'c')).toMatchObject({ status: 400, code: 'REQUEST_INVALID' });
    expect(problemOf(Object.assign(new Error('too large'), { statusCode: 413 }), 'c')).toMatchObject({
      status: 413,
      code: 'REQUEST_TOO_LARGE',
    });
  });

  it("A problem document cannot have its own members overwritten by an error's extra ones", () => {
    const error = new DomainError('A', 'b', {
      kind: 'conflict',
      extra: { status: 200, code: 'Z', heldBy: 'import 3' },
    });
    expect(problemOf(error, 'c')).toMatchObject({ status: 409, code: 'A', heldBy: 'import 3' });
  });
});
