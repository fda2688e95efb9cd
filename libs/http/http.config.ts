import { configSlice, env, integer, type SliceValue } from '#config';

export const httpConfig = configSlice(
  'http',
  {
    maxConnections: env(
      'HTTP_MAX_CONNECTIONS',
      integer(0, 0, 1_000_000),
      'Maximum connections per process, sockets included. 0: three quarters of the limit of open files, at most 50,000',
    ),
    maxPerAddress: env(
      'HTTP_MAX_PER_ADDRESS',
      integer(256, 1, 1_000_000),
      'Maximum connections per address without a signed-in caller. Behind a trusted proxy: maximum concurrent requests per client',
    ),
  },
  {
    /** How long a connection may be idle before another may take its place, and how long a refused one may wait for its answer, in ms. */
    graceMs: 1_000,
    /** The same if the other has fewer connections than the client whose place it takes, in ms. */
    heavyGraceMs: 0,
    /** Share of all connections that only clients with few of them may open, in percent. */
    reservedPercent: 10,
    /** A client with fewer connections has few. */
    fewConnections: 16,
    /** Refused connections that wait for their answer. More are closed at once. */
    maxRefused: 64,
    /** Idle time of a connection while less than half of the connections are used, in ms. It shrinks to 1 s under load. */
    keepAliveMs: 72_000,
  },
);
export type HttpConfig = SliceValue<typeof httpConfig>;
