import { createServer } from 'node:net';
import { CliError } from './cli-error.js';
import { ExitCode } from './exit-code.js';

interface Address {
  host: string;
  port: number;
}

/** Why the server cannot listen and what to do, for the errors that an operator can correct; undefined for others. */
export function listenFailure(error: unknown, { host, port }: Address): CliError | undefined {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return new CliError(
        `Port ${port} of ${host} is taken by another program. Stop that one, or choose another port: PORT=${port + 1} npm start`,
        ExitCode.unavailable,
      );
    case 'EACCES':
      return new CliError(
        `PORT=${port} needs a permission that this process does not have: ports below 1024 are for root. ` +
          'Choose a port from 1024 on, or put a proxy in front.',
        ExitCode.config,
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new CliError(
        `HOST=${host} is not an address of this machine. Set HOST to 127.0.0.1, to 0.0.0.0 for all addresses, or to one of its own.`,
        ExitCode.config,
      );
    default:
      return undefined;
  }
}

/** Listens once and closes again. @returns why that is not possible; undefined if it is */
export async function tryToListen(address: Address): Promise<CliError | undefined> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) =>
      server.once('error', reject).listen(address.port, address.host, resolve),
    );
    return undefined;
  } catch (error) {
    const failure = listenFailure(error, address);
    if (failure === undefined) throw error;
    return failure;
  } finally {
    server.close();
  }
}
