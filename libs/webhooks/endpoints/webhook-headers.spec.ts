import { z } from 'zod';
import { basicAuthSchema, givenHeaders, headersSchema, oneAuthorization } from './webhook-headers.js';

const schema = z
  .strictObject({ headers: headersSchema.nullish(), basicAuth: basicAuthSchema.nullish() })
  .refine(...oneAuthorization);
const refusal = (body: unknown) =>
  schema
    .safeParse(body)
    .error?.issues.map(({ path, message }) => `${path.join('.')} ${message}`)
    .join();

describe('the headers of a webhook', () => {
  it('are sent under lower-case names, and basic auth as Authorization', () => {
    expect(givenHeaders({ headers: { 'X-Api-Key': 'k' }, basicAuth: { username: 'desk', password: 'pä:ss' } })).toEqual(
      {
        'x-api-key': 'k',
        authorization: `Basic ${Buffer.from('desk:pä:ss').toString('base64')}`,
      },
    );
  });

  it('stay if none are given, and are removed by null or an empty object', () => {
    expect(givenHeaders({})).toBeUndefined();
    for (const given of [{ headers: null }, { headers: {} }, { basicAuth: null }])
      expect(givenHeaders(given)).toEqual({});
  });

  it.each([
    [{ headers: { 'Webhook-Id': 'x' } }, 'no message or connection has by itself'],
    [{ headers: { HOST: 'x' } }, 'no message or connection has by itself'],
    [{ headers: { 'a b': 'x' } }, 'a header name'],
    [{ headers: { _a: 'x' } }, 'a header name'],
    [{ headers: { 'x-a': '' } }, 'one line'],
    [{ headers: { 'x-a': 'a\r\nx-b: c' } }, 'one line'],
    [{ headers: { 'x-a': ' padded ' } }, 'one line'],
    [{ headers: { 'x-a': 'é' } }, 'one line'],
    [{ headers: { 'x-a': 'v'.repeat(4_097) } }, 'one line'],
    [{ headers: { 'x-a': 1 } }, 'one line'],
    [{ headers: { 'x-a': '1', 'X-A': '2' } }, 'each header once'],
    [{ headers: Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`x-${n}`, 'v'])) }, 'at most 10'],
    [{ headers: ['x-a'] }, 'an object'],
    [{ basicAuth: { username: 'a:b', password: 'c' } }, 'without a colon'],
    [{ basicAuth: { username: 'a', password: 'b\n' } }, 'without control characters'],
    [{ basicAuth: { username: 'a' } }, '1 to 200 characters'],
    [{ headers: { Authorization: 'Bearer x' }, basicAuth: { username: 'a', password: 'b' } }, 'either basicAuth or'],
  ])('refuse %j', (body, reason) => {
    expect(refusal(body)).toContain(reason);
  });

  it('take a bearer token and names with an underscore', () => {
    expect(refusal({ headers: { Authorization: 'Bearer a.b-c', X_KEY: '~!@#' } })).toBeUndefined();
  });
});
