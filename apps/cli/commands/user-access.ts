import { Command } from 'commander';
import type { UsersService } from '#auth';
import { type CommonOptions, printJson, table } from '../output.js';

/** Runs a command on the users of the desk. */
type Act = (options: CommonOptions, command: string, work: (users: UsersService) => Promise<void>) => Promise<void>;

type Kind = 'keys' | 'logins';

const WORDS = { keys: ['API keys', 'API key'], logins: ['logins', 'login'] } as const;

/** `deskwire users keys` and `deskwire users logins`: what signs a user in, and its end. */
export function accessCommand(kind: Kind, act: Act): Command {
  const [things, thing] = WORDS[kind];
  const command = new Command(kind).description(`List and end the ${things} of a user`);
  const add = (name: string, description: string, example: string) =>
    command
      .command(name)
      .description(description)
      .option('--json', 'machine-readable')
      .option('--verbose', 'stack traces of failures')
      .addHelpText('after', `\nExamples:\n  deskwire users ${kind} ${example}`);

  add('list <who>', `List the active ${things} of a user (an e-mail or an id)`, 'list ann@desk.example').action(
    (who: string, options: CommonOptions) =>
      act(options, `users ${kind} list`, async ({ access }) => {
        if (kind === 'keys') {
          const keys = await access.listKeys(who);
          if (options.json) printJson(keys);
          else console.log(table(['ID', 'NAME', 'PREFIX', 'ROLES', 'LAST USED', 'EXPIRES'], keys.map(keyRow)));
        } else {
          const logins = await access.listLogins(who);
          if (options.json) printJson(logins);
          else console.log(table(['ID', 'ADDRESS', 'CLIENT', 'LAST USED', 'EXPIRES'], logins.map(loginRow)));
        }
      }),
  );
  add(
    'end <who> [id]',
    `End one ${thing} of a user, or every ${thing} if no id is given. Takes effect within 2 s on every node`,
    'end ann@desk.example',
  ).action((who: string, id: string | undefined, options: CommonOptions) =>
    act(options, `users ${kind} end`, async ({ access }) => {
      const ended = await (kind === 'keys' ? access.endKeys(who, id) : access.endLogins(who, id));
      if (options.json) printJson({ ended });
      else console.log(`Ended ${ended} ${ended === 1 ? thing : things}.`);
    }),
  );
  return command;
}

type Access = UsersService['access'];
type ApiKey = Awaited<ReturnType<Access['listKeys']>>[number];
type Login = Awaited<ReturnType<Access['listLogins']>>[number];

function keyRow({ id, name, prefix, roles, lastUsedAt, expiresAt }: ApiKey): string[] {
  return [id, name, prefix, roles.join(','), lastUsedAt?.toISOString() ?? 'never', expiresAt.toISOString()];
}

function loginRow({ id, address, userAgent, lastUsedAt, expiresAt }: Login): string[] {
  return [id, address ?? '-', userAgent ?? '-', lastUsedAt.toISOString(), expiresAt.toISOString()];
}
