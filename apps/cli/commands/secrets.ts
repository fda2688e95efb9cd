import { Command } from 'commander';
import { addRewrapCommands } from './secrets-rewrap.js';
import { addTransferCommands } from './secrets-transfer.js';

export function secretsCommand(): Command {
  const secrets = new Command('secrets');
  addRewrapCommands(secrets);
  addTransferCommands(secrets);
  return secrets;
}
