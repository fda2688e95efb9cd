import { redisScript } from '#redis';

/**
 * KEYS: processes, own counts. ARGV: key of counts without the process, process, lease in ms, fields of user and address, own
 * counts with the new connection (total, user, address), limits (0 for none). Returns the number of the exhausted limit
 * (0 for none) and the counts of the other processes.
 */
export const ENTER = redisScript(`
local others = { 0, 0, 0 }
for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  if id ~= ARGV[2] then
    for n, count in ipairs(redis.call('HMGET', ARGV[1] .. id, 'total', ARGV[4], ARGV[5])) do
      others[n] = others[n] + (tonumber(count or 0) or 0)
    end
  end
end
for n = 1, 3 do
  local limit = tonumber(ARGV[8 + n])
  if limit > 0 and others[n] + tonumber(ARGV[5 + n]) > limit then return { n, others[1], others[2], others[3] } end
end
redis.call('HSET', KEYS[2], 'total', ARGV[6], ARGV[4], ARGV[7], ARGV[5], ARGV[8])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
return { 0, others[1], others[2], others[3] }
`);

/** KEYS: own counts. ARGV: lease in ms, whether to begin with no counts, then fields and counts. */
export const WRITE = redisScript(`
if ARGV[2] == '1' then redis.call('DEL', KEYS[1]) end
for n = 3, #ARGV, 2 do
  if ARGV[n + 1] == '0' then redis.call('HDEL', KEYS[1], ARGV[n]) else redis.call('HSET', KEYS[1], ARGV[n], ARGV[n + 1]) end
end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
`);

/**
 * KEYS: processes, own counts. ARGV: key of counts without the process, process, lease in ms, own total, own new connections
 * per second. Returns whether the own counts were there, then the totals of the other processes.
 */
export const RENEW = redisScript(`
local there = redis.call('EXISTS', KEYS[2])
redis.call('HSET', KEYS[2], 'total', ARGV[4], 'rate', ARGV[5])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
local total, rate = 0, 0
for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  if id ~= ARGV[2] then
    local counts = redis.call('HMGET', ARGV[1] .. id, 'total', 'rate')
    total = total + (tonumber(counts[1] or 0) or 0)
    rate = rate + (tonumber(counts[2] or 0) or 0)
  end
end
return { there, total, rate }
`);
