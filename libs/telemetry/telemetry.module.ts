import { Global, Module } from '@nestjs/common';
import { ClsModule } from 'nestjs-cls';
import { ShutdownSequence } from './shutdown-sequence.js';

@Global()
@Module({
  // Not forRoot(): it adds a guard and an interceptor to every route though neither is mounted, 6 % of a small request.
  imports: [ClsModule],
  providers: [ShutdownSequence],
  exports: [ClsModule, ShutdownSequence],
})
export class TelemetryModule {}
