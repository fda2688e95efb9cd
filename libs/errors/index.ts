export { DomainError, type ErrorDetails, type FieldIssue } from './domain-error.js';
export { ErrorTranslators } from './error-translators.js';
export { ErrorsModule } from './errors.module.js';
export { type Problem, problemOf, statusOfKind } from './problem.js';
export { defineErrors, type ErrorEntry, errorCatalogue } from './error-catalogue.js';
export { errorCode, fieldIssueSchema, problemSchema } from './problem-schema.js';
export { requestError } from './request-errors.js';
