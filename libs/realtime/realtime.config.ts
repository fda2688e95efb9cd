import { configSlice, env, integer, list, type SliceValue } from '#config';

/** Sockets: how many, how fast, how big, how long. */
export const realtimeConfig = configSlice('realtime', {
  maxConnections: env(
    'REALTIME_MAX_CONNECTIONS',
    integer(100, 1, 20_000),
    'Sockets a process holds; one more is refused with retryAfterMs',
  ),
  maxPerUser: env(
    'REALTIME_MAX_PER_USER',
    integer(0, 0, 20_000),
    'Sockets of one user, 0 for half of REALTIME_MAX_CONNECTIONS',
  ),
  maxPerAddress: env(
    'REALTIME_MAX_PER_ADDRESS',
    integer(0, 0, 20_000),
    'Sockets from one address, 0 for REALTIME_MAX_CONNECTIONS (a desk sits behind one)',
  ),
  connectsPerSecond: env('REALTIME_CONNECTS_PER_SECOND', integer(1_000, 1, 100_000), 'New sockets a second, a process'),
  messagesPerSecond: env(
    'REALTIME_MESSAGES_PER_SECOND',
    integer(100, 1, 10_000),
    'Messages a second that one socket may send',
  ),
  maxMessageBytes: env(
    'REALTIME_MAX_MESSAGE_BYTES',
    integer(163_840, 1_024, 1_048_576),
    'Largest message a client may send, bytes; a token of 100 KB must fit, to be answered and not cut',
  ),
  conflateAboveBytes: env(
    'REALTIME_CONFLATE_ABOVE_BYTES',
    integer(65_536, 1_024, 1_048_576),
    'Unsent bytes from which a slow socket gets full cuts instead of every delta',
  ),
  closeAboveBytes: env(
    'REALTIME_CLOSE_ABOVE_BYTES',
    integer(1_048_576, 65_536, 67_108_864),
    'Unsent bytes past which a socket that does not read is closed',
  ),
  idleMs: env(
    'REALTIME_IDLE_MS',
    integer(300_000, 1_000, 86_400_000),
    'A socket that watches nothing and says nothing is closed after, ms',
  ),
  expiryWarningMs: env(
    'REALTIME_EXPIRY_WARNING_MS',
    integer(60_000, 1_000, 3_600_000),
    'auth:expiring comes this long before the token ends, ms',
  ),
  handshakeTimeoutMs: env(
    'REALTIME_HANDSHAKE_TIMEOUT_MS',
    integer(5_000, 100, 60_000),
    'A connection that has not authenticated by then is closed, ms',
  ),
  pingIntervalMs: env('REALTIME_PING_INTERVAL_MS', integer(25_000, 100, 300_000), 'Heartbeat, ms'),
  pingTimeoutMs: env(
    'REALTIME_PING_TIMEOUT_MS',
    integer(20_000, 100, 300_000),
    'A heartbeat not answered within this closes the socket, ms',
  ),
  reconnectSpreadMs: env(
    'REALTIME_RECONNECT_SPREAD_MS',
    integer(5_000, 0, 300_000),
    'When the process drains, sockets are told to come back at a random moment within, ms',
  ),
  origins: env('REALTIME_ORIGINS', list(''), 'Other origins whose pages may open sockets, comma-separated'),
});
export type RealtimeConfig = SliceValue<typeof realtimeConfig>;
