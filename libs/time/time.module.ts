import { type DynamicModule, Global, Module } from '@nestjs/common';
import { Clock } from './clock.js';

@Global()
@Module({})
export class TimeModule {
  /** @param clock the one clock of the process; a test gives one that it can set */
  static forRoot(clock = new Clock()): DynamicModule {
    return { module: TimeModule, providers: [{ provide: Clock, useValue: clock }], exports: [Clock] };
  }
}
