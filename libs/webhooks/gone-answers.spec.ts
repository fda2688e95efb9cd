import type { Lane } from '#deliveries';
import { goneReason, pauseInBody } from './gone-answers.js';

describe('an answer after which a receiver is gone', () => {
  it.each([
    ['generic', 410, 'whatever', 'HTTP 410'],
    ['slack', 404, 'no_service', 'no_service'],
    ['slack', 404, 'no_team\n', 'no_team'],
    ['slack', 403, 'invalid_token', 'invalid_token'],
    ['slack', 410, 'channel_is_archived', 'channel_is_archived'],
    ['discord', 404, '{"message": "Unknown Webhook", "code": 10015}', 'Unknown Webhook'],
    ['discord', 401, '{"message": "Invalid Webhook Token", "code": 50027}', 'Invalid Webhook Token'],
    ['telegram', 401, '{"ok":false,"error_code":401,"description":"Unauthorized"}', 'Unauthorized'],
    ['telegram', 404, '{"ok":false,"error_code":404,"description":"Not Found"}', 'Not Found'],
    [
      'telegram',
      403,
      '{"ok":false,"description":"Forbidden: bot was kicked from the group chat"}',
      'Forbidden: bot was kicked',
    ],
    ['telegram', 400, '{"ok":false,"description":"Bad Request: chat not found"}', 'Bad Request: chat not found'],
    [
      'teams',
      404,
      '{"error":{"code":"WorkflowNotFound","message":"The workflow could not be found."}}',
      'WorkflowNotFound',
    ],
  ] as [Lane['format'], number, string, string][])('of a %s receiver is %i %s', (format, status, body, reason) => {
    expect(goneReason(format, status, body)).toContain(reason);
  });

  it.each([
    ['generic', 404, 'no_service'],
    ['slack', 404, '<html>not found</html>'],
    ['slack', 400, 'invalid_payload'],
    ['slack', 403, 'action_prohibited'],
    ['slack', 429, 'no_service'],
    ['slack', 500, 'no_service'],
    ['slack', 200, 'no_service'],
    ['discord', 404, 'Unknown Webhook'],
    ['discord', 400, '{"message": "Invalid Form Body", "code": 50035}'],
    ['discord', 404, 'null'],
    ['telegram', 404, 'no JSON'],
    ['telegram', 400, '{"ok":false,"description":"Bad Request: message text is empty"}'],
    ['teams', 404, '{"error":null}'],
    ['text', 404, ''],
  ] as [Lane['format'], number, string][])('of a %s receiver is not %i %s', (format, status, body) => {
    expect(goneReason(format, status, body)).toBeUndefined();
  });

  it('the pause that Telegram asks for is in the body', () => {
    expect(pauseInBody('telegram', '{"ok":false,"parameters":{"retry_after":7}}')).toBe(7_000);
    expect(pauseInBody('telegram', '{"ok":false,"parameters":{"retry_after":"7"}}')).toBeUndefined();
    expect(pauseInBody('generic', '{"parameters":{"retry_after":7}}')).toBeUndefined();
  });
});
