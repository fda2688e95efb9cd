import { Global, Module } from '@nestjs/common';
import { ErrorTranslators } from './error-translators.js';
import { ProblemFilter } from './problem.filter.js';

@Global()
@Module({ providers: [ErrorTranslators, ProblemFilter], exports: [ErrorTranslators, ProblemFilter] })
export class ErrorsModule {}
