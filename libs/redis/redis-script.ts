import { createHash } from 'node:crypto';

/** A Lua script, which Redis runs as one step. It is sent by its hash, and in full only to a server that does not know it. */
export interface RedisScript {
  readonly lua: string;
  readonly sha1: string;
}

export function redisScript(lua: string): RedisScript {
  return { lua, sha1: createHash('sha1').update(lua).digest('hex') };
}
