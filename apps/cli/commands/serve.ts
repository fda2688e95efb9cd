import { Command, Option } from 'commander';
import { run } from '../command-run.js';
import { type CommonOptions } from '../output.js';

export function serveCommand(): Command {
  return new Command('serve')
    .addOption(
      new Option(
        '--role <role>',
        'web (requests and sockets), worker (background work) or all (overrides DESKWIRE_ROLE)',
      ).choices(['all', 'web', 'worker']),
    )
    .option('--verbose', 'stack traces of failures')
    .addHelpText(
      'after',
      `
In development no setting is required: state is kept in .deskwire/ (DESKWIRE_HOME), PostgreSQL included.
In production DATABASE_URL and the secrets are required; \`deskwire config check\` lists what is missing.
Ctrl-C or SIGTERM stops everything after the requests in flight.

Examples:
  deskwire serve
  PORT=8080 DESKWIRE_DEMO=false deskwire serve
  DATABASE_URL=postgres://.. deskwire serve --role worker        (beside any number of --role web)
  DATABASE_URL=postgres://deskwire:..@db/deskwire NODE_ENV=production HOST=0.0.0.0 deskwire serve

Exit codes: 0 stopped, 1 failure, 69 port taken or embedded database lost, 73 home not writable, 75 home in use by another process, 78 wrong settings`,
    )
    .action((options: CommonOptions & { role?: string }) =>
      run(options, async () => {
        if (options.role !== undefined) process.env['DESKWIRE_ROLE'] = options.role;
        const { serve } = await import('../serve.js');
        await serve();
      }),
    );
}
