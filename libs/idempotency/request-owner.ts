/** Whose the keys of a request are. This lib stands below the one that knows principals, so the app says how to tell. */
export abstract class RequestOwner {
  /** @returns a uuid; undefined if nobody is signed in */
  abstract ownerOf(request: unknown): string | undefined;
}
