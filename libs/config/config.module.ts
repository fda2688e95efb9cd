import { type DynamicModule, Module } from '@nestjs/common';
import type { ConfigSlice } from './config-slice.js';
import { type Environment, loadConfig } from './load-config.js';

/** Makes each slice injectable by its token: `@Inject(databaseConfig.token) config: DatabaseConfig`. */
@Module({})
export class ConfigModule {
  /** @throws ConfigError before any provider is made */
  static forRoot(slices: readonly ConfigSlice[], environment: Environment): DynamicModule {
    const tree = loadConfig(slices, environment);
    const providers = slices.map((slice) => ({ provide: slice.token, useValue: tree[slice.name] }));
    return { module: ConfigModule, global: true, providers, exports: providers };
  }
}
