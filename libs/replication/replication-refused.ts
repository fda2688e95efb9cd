/** A state of a cluster or a file in which a command of replication cannot go on. The message says what to do. */
export class ReplicationRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ReplicationRefused';
  }
}
