import 'reflect-metadata';
import { type INestApplicationContext, type LoggerService, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AuditLog, AuditModule } from '#audit';
import { BackgroundModule } from '#background';
import { CachingModule } from '#caching';
import { ChangesModule } from '#changes';
import { ConfigModule, type Environment } from '#config';
import { DatabaseModule, DataSources, Migrator } from '#database';
import { databaseConfig } from '#database/config';
import { ErrorsModule } from '#errors';
import { IdempotencyModule } from '#idempotency';
import { JobsModule } from '#jobs';
import { QuotasModule } from '#quotas';
import { RedisModule } from '#redis';
import { SystemModule } from '#system';
import { TelemetryModule } from '#telemetry';
import { ThreadsModule } from '#threads';
import { TimeModule } from '#time';
import { cacheSecret } from '../api/cache-secret.js';
import { configSlices } from '../api/config-slices.js';
import { keyOwner } from '../api/key-owner.js';
import { schema } from '../../migrations/schema.js';
import { CliError } from './cli-error.js';
import { ExitCode } from './exit-code.js';

@Module({})
class CommandModule {}

/** Libs log only warnings and errors, on stderr, so that stdout contains the answer alone. */
const quiet: LoggerService = {
  log: () => undefined,
  warn: (message: unknown) => console.error(worded(message)),
  error: (message: unknown) => console.error(worded(message)),
};

/** The connections of the maintenance commands. */
export function sourcesOf(environment: Environment): DataSources {
  return new DataSources(databaseConfig.read(environment), schema);
}

/** @param lockTimeoutMs maximum wait while another process migrates, and for a lock on a table if that is shorter than usual */
export function migratorOf(environment: Environment, lockTimeoutMs?: number): Migrator {
  const settings = databaseConfig.read(environment);
  const config = {
    ...settings,
    migrationLockTimeoutMs: lockTimeoutMs ?? settings.migrationLockTimeoutMs,
    migrationTableLockTimeoutMs: Math.min(lockTimeoutMs ?? Infinity, settings.migrationTableLockTimeoutMs),
  };
  return new Migrator(new DataSources(config, schema), config);
}

/**
 * The modules that a command needs, on the foundation libs, without HTTP and sockets.
 * @param migrate apply pending migrations first (the embedded database); otherwise they are an error
 * @throws CliError if migrations are pending
 */
export async function openContext(
  environment: Environment,
  modules: readonly unknown[],
  migrate: boolean,
): Promise<INestApplicationContext> {
  if (migrate) await migratorOf(environment).up();
  else await refusePending(environment);
  // A command needs few connections, and none while idle.
  const values = { ...environment, DATABASE_POOL_MAX: '5' };
  const root = {
    module: CommandModule,
    imports: [
      ConfigModule.forRoot(configSlices, values, [databaseConfig.with({ poolMin: 0 })]),
      ErrorsModule,
      TelemetryModule,
      ThreadsModule,
      TimeModule.forRoot(),
      DatabaseModule.forRoot(schema),
      BackgroundModule,
      ChangesModule,
      CachingModule.forRoot(cacheSecret),
      // Controllers of the modules use its interceptor.
      IdempotencyModule.forRoot(keyOwner),
      JobsModule,
      QuotasModule,
      RedisModule,
      AuditModule,
      SystemModule,
      ...(modules as []),
    ],
  };
  const context = await NestFactory.createApplicationContext(root, { logger: quiet, abortOnError: false });
  context.get(AuditLog).outsideRequests = 'command_line';
  try {
    // Without Startup, so that no background work of a server begins.
    const sources = context.get(DataSources);
    await Promise.all([sources.app.initialize(), sources.analytics.initialize()]);
    return context;
  } catch (error) {
    await context.close();
    throw error;
  }
}

async function refusePending(environment: Environment): Promise<void> {
  const states = await migratorOf(environment).status();
  const pending = states.filter(({ state }) => state === 'pending');
  if (pending.length === 0) return;
  throw new CliError(
    `Migrations are pending: ${pending.map(({ name }) => name).join(', ')}.\nRun \`deskwire migrate up\` first (\`deskwire migrate plan\` shows the SQL).`,
    ExitCode.pending,
  );
}

function worded(message: unknown): string {
  if (typeof message !== 'object' || message === null) return String(message);
  const { msg, ...rest } = message as { msg?: string };
  return `${msg ?? ''} ${JSON.stringify(rest)}`.trim();
}
