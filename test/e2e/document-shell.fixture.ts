import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { CommandLine } from './command-line.fixture.js';

/** A code block of a page. */
export interface CodeBlock {
  page: string;
  /** First word of the line that opens it. */
  language: string;
  /** Other words of that line. */
  label: string;
  code: string;
}

/** The code blocks of a page, in order. */
export function codeBlocksOf(page: string): CodeBlock[] {
  const blocks = readFileSync(page, 'utf8').matchAll(/^( *)```(\S*) *(.*)\n([^]*?)^ *```$/gm);
  return [...blocks].map(([, indent, language, label, code]) => ({
    ...{ page, language: language!, label: label! },
    code: code!.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  }));
}

/**
 * A shell in which `curl` fails on an error status and `deskwire` is the command line, with its exit codes. The command line
 * runs in the process of the test, because a process per command would take 2 s. DATABASE_URL before a command is passed to it.
 */
const PRELUDE = String.raw`
set -euo pipefail
trap 'echo "failed: $BASH_COMMAND" >&2' ERR
set -E
curl() { command curl --silent --show-error --fail-with-body "$@"; echo; }
deskwire() {
  local answer
  answer=$(printf '%s\0' "${'$'}{DATABASE_URL-}" "$@" | command curl --silent --show-error --unix-socket "$COMMAND_LINE" --data-binary @- http://deskwire/)
  printf '%s\n' "${'$'}{answer%$'\n'*}"
  return "${'$'}{answer##*$'\n'}"
}
`;

/** Runs the shell blocks of a page in sequence in one shell, in a folder of their own. */
export class DocumentShell {
  private readonly commands = new CommandLine();
  private readonly server: Server;

  private constructor(private readonly settings: Record<string, string>) {
    this.server = createServer((request, response) => {
      void text(request).then(async (words) => {
        const [databaseUrl, ...args] = words.split('\0').slice(0, -1);
        const other: Record<string, string> = databaseUrl ? { DATABASE_URL: databaseUrl } : {};
        const run = this.commands.run(args, { ...this.settings, ...other });
        const code = await run.exit;
        response.end(`${run.stdout}${run.stderr}\n${code}`);
      });
    });
  }

  /** @param settings settings of the commands */
  static async open(settings: Record<string, string>): Promise<DocumentShell> {
    const shell = new DocumentShell(settings);
    await once(shell.server.listen(join(shell.folder, 'socket')), 'listening');
    return shell;
  }

  get folder(): string {
    return this.commands.home;
  }

  /** @returns the exit code and the output of the blocks */
  async run(blocks: readonly string[], variables: Record<string, string>): Promise<{ code: number; output: string }> {
    const shell = spawn('bash', ['-c', [PRELUDE, 'exec 2>&1', ...blocks].join('\n')], {
      cwd: this.folder,
      env: { PATH: process.env['PATH'], ...variables, COMMAND_LINE: join(this.folder, 'socket') },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [output, [code]] = await Promise.all([buffer(shell.stdout), once(shell, 'exit')]);
    return { code: code as number, output: output.toString() };
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    this.commands.remove();
  }
}
