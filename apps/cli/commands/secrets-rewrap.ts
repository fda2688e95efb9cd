import type { Command } from 'commander';
import type { RewrappedKind, SealedKind } from '#sealing';
import { CliError } from '../cli-error.js';
import { run, withContext } from '../command-run.js';
import { ExitCode } from '../exit-code.js';
import { type CommonOptions, printJson, table } from '../output.js';

const ORDER =
  '\nWhile the desk runs, in this order (KEY is WEBHOOK_ENCRYPTION_KEY or SESSIONS_ENCRYPTION_KEY):\n' +
  '  1. KEYS_PREVIOUS=NEW    restart every process: all can decrypt with the new key\n' +
  '  2. KEY=NEW, KEYS_PREVIOUS=OLD    restart every process\n' +
  '  3. deskwire secrets rewrap    with the settings of step 2; safe to interrupt and to repeat\n' +
  '  4. deskwire secrets status    exits with 0 if no value needs the old key\n' +
  '  5. KEYS_PREVIOUS=    restart; then destroy the old key\n';

/** What is stored sealed, by the lib that stores it. */
interface SealedStores {
  rewrap(): Promise<RewrappedKind[]>;
  sealed(): Promise<SealedKind[]>;
}

/** Adds `rewrap` and `status`. */
export function addRewrapCommands(secrets: Command): void {
  secrets
    .command('rewrap')
    .description(
      'Encrypt every webhook secret, the URL and headers of every webhook, and every broker token with the current keys. The earlier keys (.._KEYS_PREVIOUS) decrypt the stored ones',
    )
    .option('--json', 'machine-readable')
    .option('--verbose', 'stack traces of failures')
    .addHelpText(
      'after',
      '\nExamples:\n  deskwire secrets rewrap\n  deskwire secrets rewrap --json | jq .failed\n' +
        ORDER +
        '\nExit codes: 0 all are encrypted with the current key, 1 some are not (no key decrypts them, or a process still uses an earlier one), 2 migrations pending, 78 wrong settings',
    )
    .action((options: CommonOptions) =>
      run(options, () => withStores('secrets rewrap', (stores) => rewrap(options, stores))),
    );
  secrets
    .command('status')
    .description(
      'Count the stored secrets of each key, without changing any. Exit 2 if some need a rewrap, 1 if a key is missing',
    )
    .option('--json', 'machine-readable')
    .option('--verbose', 'stack traces of failures')
    .addHelpText(
      'after',
      '\nExamples:\n  deskwire secrets status && echo "the earlier keys can be destroyed"\n  deskwire secrets status --json | jq .\n' +
        '\nExit codes: 0 all are encrypted with the current key, 1 some need a key that is not configured, 2 some need a rewrap or migrations are pending, 78 wrong settings',
    )
    .action((options: CommonOptions) =>
      run(options, () => withStores('secrets status', (stores) => status(options, stores))),
    );
}

async function rewrap(options: CommonOptions, stores: SealedStores): Promise<void> {
  const kinds = await stores.rewrap();
  const sum = (of: (kind: RewrappedKind) => number) => kinds.reduce((total, kind) => total + of(kind), 0);
  if (options.json) {
    const failed = kinds.flatMap((kind) => kind.failed.map((one) => ({ kind: kind.kind, ...one })));
    printJson({
      rewrapped: sum((k) => k.rewrapped),
      current: sum((k) => k.current),
      remaining: sum((k) => k.remaining),
      failed,
      kinds,
    });
  } else {
    console.log(
      table(
        ['KIND', 'KEY', 'ENCRYPTED AGAIN', 'ALREADY CURRENT', 'FAILED'],
        kinds.map((one) => [
          one.kind,
          one.keyIds[0]!,
          String(one.rewrapped),
          String(one.current),
          String(one.failed.length),
        ]),
      ),
    );
  }
  const problems = kinds.flatMap((kind) => [...missingKeys(kind, kind.failed), ...stillUsed(kind)]);
  if (problems.length > 0) throw new CliError(problems.join('\n'), ExitCode.failure);
}

async function status(options: CommonOptions, stores: SealedStores): Promise<ExitCode> {
  const kinds = await stores.sealed();
  if (options.json) printJson(kinds);
  else {
    const rows = kinds.flatMap(({ kind, setting, keyIds, values }) => {
      const ids = [...new Set([...keyIds, ...values.map(({ keyId }) => keyId)])];
      return ids.map((id) => [
        kind,
        id,
        placeOf(id, keyIds, setting),
        String(values.find((v) => v.keyId === id)?.count ?? 0),
      ]);
    });
    console.log(table(['KIND', 'KEY', 'SETTING', 'VALUES'], rows));
  }
  const unknown = kinds.flatMap((kind) => kind.values.filter(({ keyId }) => !kind.keyIds.includes(keyId)));
  if (unknown.length > 0) return ExitCode.failure;
  const old = kinds.some(({ keyIds, values }) => values.some(({ keyId }) => keyId !== keyIds[0]));
  return old ? ExitCode.pending : ExitCode.done;
}

function placeOf(keyId: string, keyIds: readonly string[], setting: string): string {
  if (keyId === keyIds[0]) return setting;
  return keyIds.includes(keyId) ? `${setting}S_PREVIOUS` : '(not configured)';
}

/** Names each key that values need and the settings lack, or whose values do not open with it. */
function missingKeys({ kind, setting, keyIds }: SealedKind, failed: RewrappedKind['failed']): string[] {
  const byKey = new Map<string, string[]>();
  for (const { id, keyId } of failed) byKey.set(keyId, [...(byKey.get(keyId) ?? []), id]);
  return [...byKey].map(([keyId, ids]) => {
    const which = `${ids.length} ${kind} (first: ${ids[0]})`;
    return keyIds.includes(keyId)
      ? `The key ${keyId} does not open ${which}: they were altered or moved to another row. They stay unchanged.`
      : `The key ${keyId} is retired or was never configured, and ${which} need it. They stay unchanged. Add it to ${setting}S_PREVIOUS and run this again.`;
  });
}

function stillUsed({ kind, setting, keyIds, remaining }: RewrappedKind): string[] {
  if (remaining === 0) return [];
  return [
    `${remaining} ${kind} were encrypted with an earlier key during the rewrap, so a process still has another ${setting} than ${keyIds[0]}. Restart it and run this again.`,
  ];
}

async function withStores<T>(command: string, work: (stores: SealedStores) => Promise<T>): Promise<T> {
  const { SessionsModule, SessionTokens } = await import('#sessions');
  const { WebhookSecrets, WebhooksModule } = await import('#webhooks');
  const modules = () => Promise.resolve([SessionsModule, WebhooksModule]);
  return withContext(command, modules, (context) => {
    const secrets = context.get(WebhookSecrets, { strict: false });
    const tokens = context.get(SessionTokens, { strict: false });
    return work({
      rewrap: async () => [...(await secrets.rewrap()), await tokens.rewrap()],
      sealed: async () => [...(await secrets.sealed()), await tokens.sealed()],
    });
  });
}
