import { Command, InvalidArgumentError } from 'commander';
import type { Role, User, UsersService } from '#auth';
import { subcommands } from '../command-options.js';
import { run, withContext } from '../command-run.js';
import { type CommonOptions, printJson, table } from '../output.js';
import { accessCommand } from './user-access.js';

const ROLES = ['viewer', 'trader', 'operator', 'admin'];
const WHO = 'an e-mail or an id';

export function usersCommand(): Command {
  const users = new Command('users');
  const add = subcommands(users);

  add(
    'add <email>',
    'Add a user and print a one-time password. It is shown once and stored only as a hash',
    '  deskwire users add ann@desk.example --role trader\n  deskwire users add ops@desk.example --role operator --name "Night shift" --json',
  )
    .option('--role <role>', `one of ${ROLES.join(', ')}; may be repeated`, roles, [] as string[])
    .option('--name <name>', 'how screens call the user (default: the e-mail before the @)')
    .action((email: string, options: CommonOptions & { role: string[]; name?: string }) =>
      act(options, 'users add', async (service) => {
        const wanted = (options.role.length > 0 ? options.role : ['viewer']) as Role[];
        const { user, oneTimePassword } = await service.add({ email, roles: wanted, displayName: options.name });
        if (options.json) printJson({ ...view(user), oneTimePassword });
        else
          console.log(
            `Added ${user.email} (${user.roles.join(', ')}).\nOne-time password, shown only once: ${oneTimePassword}`,
          );
      }),
    );
  add('list', 'List every user', '  deskwire users list\n  deskwire users list --json | jq -r ".[].email"').action(
    (options: CommonOptions) =>
      act(options, 'users list', async (service) => {
        const all = await service.listAll();
        if (options.json) printJson(all.map(view));
        else
          console.log(
            table(
              ['EMAIL', 'NAME', 'ROLES', 'STATE', 'ADDED'],
              all.map((user) => [
                user.email,
                user.displayName,
                user.roles.join(','),
                stateOf(user),
                user.createdAt.toISOString(),
              ]),
            ),
          );
      }),
  );
  for (const [name, description, done] of [
    ['disable', "Refuse a user's sign-ins and end the logins, within 2 s on every node", 'Disabled'],
    ['enable', 'Allow a disabled user to sign in again', 'Enabled'],
  ] as const) {
    add(`${name} <who>`, `${description} (${WHO})`, `  deskwire users ${name} ann@desk.example`).action(
      (who: string, options: CommonOptions) =>
        act(options, `users ${name}`, async (service) => {
          const user = await service[name](who);
          if (options.json) printJson(view(user));
          else console.log(`${done} ${user.email}.`);
        }),
    );
  }
  add(
    'reset <who>',
    `Make a new one-time password, and end the user's logins and API keys (${WHO})`,
    '  deskwire users reset admin@deskwire.local',
  ).action((who: string, options: CommonOptions) =>
    act(options, 'users reset', async (service) => {
      const { user, oneTimePassword } = await service.resetPassword(who);
      if (options.json) printJson({ ...view(user), oneTimePassword });
      else
        console.log(
          `Ended the logins and API keys of ${user.email}.\nOne-time password, shown only once: ${oneTimePassword}`,
        );
    }),
  );
  users.addCommand(accessCommand('keys', act)).addCommand(accessCommand('logins', act));
  return users;
}

function act(options: CommonOptions, command: string, work: (service: UsersService) => Promise<void>): Promise<void> {
  return run(options, async () => {
    const { AuthModule, UsersService: Service } = await import('#auth');
    const modules = () => Promise.resolve([AuthModule]);
    await withContext(command, modules, (context) => work(context.get(Service, { strict: false })));
  });
}

function roles(role: string, before: string[]): string[] {
  if (!ROLES.includes(role)) throw new InvalidArgumentError(`one of ${ROLES.join(', ')}`);
  return [...before, role];
}

function view({ id, email, displayName, roles: held, isDemo, disabledAt, createdAt }: User) {
  return { id, email, displayName, roles: held, isDemo, disabledAt, createdAt };
}

function stateOf(user: User): string {
  const state = user.disabledAt ? 'disabled' : 'enabled';
  return user.isDemo ? `${state}, demo` : state;
}
