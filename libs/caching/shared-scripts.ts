import { redisScript } from '#redis';

/** The value and its remaining time, in ms. */
export const READ = redisScript(`
  local value = redis.call('GET', KEYS[1])
  if not value then return false end
  return {value, redis.call('PTTL', KEYS[1])}`);

/** Takes the lock if it is free, and reads the value: another process may have stored it meanwhile. */
export const TAKE = redisScript(`
  local taken = redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2])
  local value = redis.call('GET', KEYS[1])
  if not value then return {taken and 1 or 0} end
  return {taken and 1 or 0, value, redis.call('PTTL', KEYS[1])}`);

/**
 * Stores a value while its lock is held, and frees the lock. The lock was taken before the load began, so the clock of
 * Redis alone tells the age of the value. A command that Redis runs late, after a stop of it, cannot make a value younger.
 */
export const STORE = redisScript(`
  if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
  local age = tonumber(ARGV[2]) - redis.call('PTTL', KEYS[2])
  redis.call('DEL', KEYS[2])
  local left = tonumber(ARGV[3]) - age
  if left < 1 then return 0 end
  redis.call('SET', KEYS[1], ARGV[4], 'PX', left)
  return 1`);

/** Frees the lock if it is still held. */
export const RELEASE = redisScript(`
  if redis.call('GET', KEYS[2]) == ARGV[1] then redis.call('DEL', KEYS[2]) end
  return 0`);
