export { DomainError, type ErrorDetails, type ErrorKind, type FieldIssue } from './domain-error.js';
export { ErrorTranslators } from './error-translators.js';
export { ErrorsModule } from './errors.module.js';
export { type Problem, problemOf } from './problem.js';
