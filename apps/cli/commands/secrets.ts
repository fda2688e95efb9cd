import { Command } from 'commander';
import { CliError } from '../cli-error.js';
import { run, withDatabase } from '../command-run.js';
import { ExitCode } from '../exit-code.js';
import { type CommonOptions, printJson } from '../output.js';

export function secretsCommand(): Command {
  const secrets = new Command('secrets');
  secrets
    .command('rewrap')
    .description(
      'Encrypt every webhook secret with WEBHOOK_ENCRYPTION_KEY. The keys in WEBHOOK_ENCRYPTION_KEYS_PREVIOUS decrypt the stored ones',
    )
    .option('--json', 'machine-readable')
    .option('--verbose', 'stack traces of failures')
    .addHelpText(
      'after',
      '\nExamples:\n  deskwire secrets rewrap\n  deskwire secrets rewrap --json | jq .failed\n\nWhile the desk runs, in this order:\n' +
        '  1. WEBHOOK_ENCRYPTION_KEYS_PREVIOUS=NEW    restart every process: all can decrypt with the new key\n' +
        '  2. WEBHOOK_ENCRYPTION_KEY=NEW, .._PREVIOUS=OLD    restart every process\n' +
        '  3. deskwire secrets rewrap    with the settings of step 2; safe to repeat\n' +
        '  4. WEBHOOK_ENCRYPTION_KEYS_PREVIOUS=    restart; then destroy the old key\n' +
        '\nExit codes: 0 all are encrypted with the key, 1 no key decrypts some of them (they stay unchanged), 2 migrations pending, 78 wrong settings',
    )
    .action((options: CommonOptions) => run(options, () => rewrap(options)));
  return secrets;
}

async function rewrap(options: CommonOptions): Promise<void> {
  await withDatabase('secrets rewrap', async ({ values, embedded }) => {
    const { openContext } = await import('../desk-context.js');
    const { WebhookSecrets, WebhooksModule } = await import('#webhooks');
    const context = await openContext(values, [WebhooksModule], embedded);
    try {
      const done = await context.get(WebhookSecrets, { strict: false }).rewrap();
      if (options.json) printJson(done);
      else
        console.log(
          `Encrypted again: ${done.rewrapped}. Already current: ${done.current}. Cannot be decrypted: ${done.failed.length}.`,
        );
      if (done.failed.length > 0) {
        throw new CliError(
          `No key decrypts ${done.failed.length} secrets (first: ${done.failed[0]}).\nAdd the key that encrypted them to WEBHOOK_ENCRYPTION_KEYS_PREVIOUS and run this again.`,
          ExitCode.failure,
        );
      }
    } finally {
      await context.close();
    }
  });
}
