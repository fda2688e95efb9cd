/** What a person says beside a master. */
export interface MasterForm {
  broker: string;
  /** Name of a stored mapping or of a built-in format. */
  mapping: string;
  /** A mapping as JSON, for a master that neither knows. */
  mappingText: string;
  partial: boolean;
  force: boolean;
}

export const EMPTY_MASTER: MasterForm = { broker: '', mapping: '', mappingText: '', partial: false, force: false };

const BROKER = /^[a-z][a-z0-9_-]{0,31}$/;

/** What is wrong with the form, in words; undefined if it can be sent. */
export function masterIssue({ broker, mapping, mappingText }: MasterForm, files: number): string | undefined {
  if (!BROKER.test(broker)) return 'Name the broker: a-z, 0-9, _ or -, starting with a letter, such as zerodha.';
  if (files === 0) return 'Add the file of the master.';
  if (mappingText.trim() === '') return undefined;
  if (mapping !== '') return 'Name a stored mapping or paste one, not both.';
  return jsonIssue(mappingText);
}

/** Why a text is no JSON object, in words. */
export function jsonIssue(text: string): string | undefined {
  try {
    const read: unknown = JSON.parse(text);
    return typeof read === 'object' && read !== null && !Array.isArray(read)
      ? undefined
      : 'A mapping is a JSON object.';
  } catch (error) {
    return `The mapping is no JSON: ${(error as Error).message}`;
  }
}

/** Query of the import. A dry run never forces: with force, the guard that would refuse is silent. */
export function masterQuery({ broker, mapping, partial, force }: MasterForm, dryRun: boolean) {
  return {
    broker,
    ...(mapping !== '' && { mapping }),
    ...(partial && { partial: 'true' as const }),
    ...(force && !dryRun && { force: 'true' as const }),
    ...(dryRun && { dryRun: 'true' as const }),
  };
}
