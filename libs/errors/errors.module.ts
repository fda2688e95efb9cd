import { Global, Module } from '@nestjs/common';
import { ErrorTranslators } from './error-translators.js';

@Global()
@Module({ providers: [ErrorTranslators], exports: [ErrorTranslators] })
export class ErrorsModule {}
