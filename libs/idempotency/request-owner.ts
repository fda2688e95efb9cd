/** Finds the owner of a request's keys. A port, because this lib is below `#auth`, which knows principals. */
export abstract class RequestOwner {
  /** @returns a UUID; undefined for a request without a principal */
  abstract ownerOf(request: unknown): string | undefined;
}
