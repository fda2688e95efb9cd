import { DomainError, type FieldIssue } from '#errors';

export function ruleNotFound(id: string): DomainError {
  return new DomainError('ALERTS_RULE_NOT_FOUND', `There is no alert rule ${id} that you may see.`, {
    kind: 'not_found',
  });
}

export function alertNotFound(id: string): DomainError {
  return new DomainError('ALERTS_NOT_FOUND', `There is no alert ${id} that you may see.`, { kind: 'not_found' });
}

export function othersAlerts(): DomainError {
  return new DomainError(
    'ALERTS_NOT_YOURS',
    "Only operators see the desk's and others' alerts and rules; leave `user` and `scope` out or name yourself.",
    { kind: 'forbidden' },
  );
}

export function deskIsForOperators(): DomainError {
  return new DomainError(
    'ALERTS_DESK_FOR_OPERATORS',
    'Rules of the desk are written by operators; leave `scope` out for a rule of your own.',
    { kind: 'forbidden' },
  );
}

export function builtInRule(name: string, fields: readonly string[]): DomainError {
  const what =
    fields.length === 0
      ? 'be deleted; disable it'
      : `change its ${fields.join(', ')}; its severity, quietHours, dedupe, message and enabled may`;
  return new DomainError('ALERTS_RULE_BUILT_IN', `${name} is built in and cannot ${what}.`, { kind: 'conflict' });
}

export function tooManyRules(max: number): DomainError {
  return new DomainError(
    'ALERTS_TOO_MANY_RULES',
    `There are ${max} rules already, as many as may be; delete one (or raise ALERTS_RULES_MAX).`,
    { kind: 'conflict' },
  );
}

export function unknownChannels(errors: readonly FieldIssue[]): DomainError {
  return new DomainError('ALERTS_CHANNEL_UNKNOWN', `${errors[0]!.field}: ${errors[0]!.allowed}`, {
    kind: 'invalid',
    errors,
  });
}
