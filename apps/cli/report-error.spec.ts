import { DomainError } from '#errors';
import { describeFailure } from './report-error.js';

const failure = (message: string) => describeFailure(new DomainError('X_FAILED', message, { kind: 'invalid' }));

describe('describeFailure', () => {
  it("describeFailure names the command line's flags where the message names parameters of the HTTP API", () => {
    const { text, json } = failure(
      'More than 20 %. If the file is complete, repeat with force=true. Nothing was imported.',
    );
    expect(text).toBe('More than 20 %. If the file is complete, repeat with --force. Nothing was imported. (X_FAILED)');
    expect(json['message']).toContain('repeat with --force');
    expect(failure('The file is JSON. Give a mapping file.').text).toContain('Give a mapping file with --mapping.');
  });
});
