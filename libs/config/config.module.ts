import type { DynamicModule } from '@nestjs/common';
import type { ConfigSlice, InternalValues } from './config-slice.js';
import { loadConfig } from './load-config.js';
import type { Environment } from './setting.js';

/**
 * Makes each slice injectable by its token: `@Inject(databaseConfig.token) config: DatabaseConfig`.
 * It has no `@Module()`: that would load Nest into every command that only reads settings (0.3 s).
 */
export class ConfigModule {
  /** @throws ConfigError before any provider is made */
  static forRoot(
    slices: readonly ConfigSlice[],
    environment: Environment,
    internals: readonly InternalValues[] = [],
  ): DynamicModule {
    const tree = loadConfig(slices, environment, internals);
    const providers = slices.map((slice) => ({ provide: slice.token, useValue: slice.of(tree) }));
    return { module: ConfigModule, global: true, providers, exports: providers };
  }
}
