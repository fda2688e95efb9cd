import { configSlice, env, flag, integer, type SliceValue } from '#config';

export const realtimeConfig = configSlice(
  'realtime',
  {
    maxConnections: env(
      'REALTIME_MAX_CONNECTIONS',
      integer(100, 1, 20_000),
      'Maximum sockets per process. More are refused with retryAfterMs',
    ),
    maxOfCluster: env(
      'REALTIME_MAX_CLUSTER_CONNECTIONS',
      integer(0, 0, 1_000_000),
      'Maximum sockets of all processes together, counted in Redis. 0: no maximum beyond that of each process',
    ),
    maxPerUser: env(
      'REALTIME_MAX_PER_USER',
      integer(10, 0, 20_000),
      'Maximum sockets per user, over all processes with REDIS_URL. 0: half of REALTIME_MAX_CONNECTIONS',
    ),
    maxPerAddress: env(
      'REALTIME_MAX_PER_ADDRESS',
      integer(0, 0, 20_000),
      'Maximum sockets per address, over all processes with REDIS_URL. 0: no maximum of its own, since a whole desk may share one address',
    ),
    polling: env(
      'REALTIME_POLLING',
      flag(),
      'Allows long polling for clients whose proxy refuses WebSockets. Each such client then needs sticky sessions',
    ),
  },
  {
    /** Maximum number of new connections per second, of all processes with Redis. */
    connectsPerSecond: 1_000,
    /** Maximum number of messages per second from one socket. */
    messagesPerSecond: 100,
    /** Maximum size of a client's message, in bytes. A message with a token of 100 KB fits, so that it gets an answer. */
    maxMessageBytes: 163_840,
    /** Unsent bytes above which a slow socket gets full cuts instead of every delta. */
    conflateAboveBytes: 65_536,
    /** Unsent bytes above which a slow socket is closed. */
    closeAboveBytes: 1_048_576,
    /** Time in which a client must read all that waits for it, or `conflateAboveBytes` of it, in ms. Otherwise its socket is closed. */
    drainWithinMs: 10_000,
    /** A socket without subscription and messages is closed after this time, in ms. */
    idleMs: 300_000,
    /** How long before the end of its token a socket gets `auth:expiring`, in ms. */
    expiryWarningMs: 60_000,
    /** Share of a process's connections that only operators may use, in percent. */
    operatorPercent: 10,
    /** Maximum number of connections per address that have not authenticated yet. Twice as many are refused before the upgrade. */
    maxHandshakesPerAddress: 256,
    /** Maximum time until a client sends its token, in ms. Then the connection is closed. */
    handshakeTimeoutMs: 1_000,
    /** Maximum time to check a token, in ms. Then the connection is closed. */
    authenticationTimeoutMs: 5_000,
    /** Interval of heartbeats, in ms. */
    pingIntervalMs: 25_000,
    /** Maximum wait for the answer to a heartbeat, in ms. Then the socket is closed. */
    pingTimeoutMs: 20_000,
    /** Sockets of a stopping process are told to reconnect after a random delay up to this, in ms. */
    reconnectSpreadMs: 4_000,
  },
);
export type RealtimeConfig = SliceValue<typeof realtimeConfig>;
