/** The schema is newer than this code, which could write rows that the newer code does not understand. */
export class SchemaNewerError extends Error {
  constructor(readonly unknown: readonly string[]) {
    super(
      `The schema is newer than this code: the database has ${unknown.join(', ')}, which this version does not know. ` +
        'Deploy the newer version again, or run its `deskwire migrate down` first.',
    );
    this.name = 'SchemaNewerError';
  }
}

/** An applied migration was edited, so the schema may differ from the code. */
export class MigrationEditedError extends Error {
  constructor(readonly edited: readonly string[]) {
    super(
      `Applied migrations were edited: ${edited.join(', ')}. Restore them, and put the change into a new migration.`,
    );
    this.name = 'MigrationEditedError';
  }
}
