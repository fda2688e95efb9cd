export { DomainError, type ErrorDetails, type ErrorKind, type FieldIssue } from './domain-error.js';
