import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Server as NetServer, Socket } from 'node:net';
import { join } from 'node:path';
import { Counter, Gauge } from 'prom-client';
import { Egress, egressConfig } from '#egress';
import type { EgressRequest } from '../../../libs/egress/egress.js';
import { HostResolver } from '../../../libs/egress/host-resolver.js';
import { EgressPools } from '../../../libs/egress/egress-pools.js';

/** A resolver with scripted answers that records the requested names. */
export class ScriptedResolver extends HostResolver {
  readonly asked: string[] = [];

  constructor(private readonly script: (host: string, time: number) => string[] | Promise<string[]>) {
    super();
  }

  override async resolve(host: string): Promise<string[]> {
    this.asked.push(host);
    return this.script(host, this.asked.length);
  }
}

export interface OpenEgress {
  egress: Egress;
  close(): Promise<void>;
}

export function openEgress(
  resolver: HostResolver,
  env: Record<string, string> = {},
  limits: Parameters<typeof egressConfig.with>[0] = {},
): OpenEgress {
  const config = { ...egressConfig.read({ EGRESS_ALLOW_HTTP: 'true', ...env }), ...limits };
  const pools = new EgressPools(config, new Gauge({ name: 'pools', help: 'x', registers: [] }));
  const exchanges = new Counter({ name: 'exchanges', help: 'x', labelNames: ['outcome'], registers: [] });
  return { egress: new Egress(config, resolver, pools, exchanges), close: () => pools.onApplicationShutdown() };
}

/** A request as webhooks make it. */
export function post(url: string, more: Partial<EgressRequest> = {}): EgressRequest {
  return {
    url,
    method: 'POST',
    body: '{}',
    timeoutMs: 1_000,
    maxResponseBytes: 16_384,
    onOverflow: 'truncate',
    decompress: false,
    maxRedirects: 0,
    ...more,
  };
}

/** A request as feeds make it. */
export function get(url: string, more: Partial<EgressRequest> = {}): EgressRequest {
  return {
    url,
    method: 'GET',
    timeoutMs: 1_000,
    maxResponseBytes: 1_000_000,
    onOverflow: 'fail',
    decompress: true,
    maxRedirects: 3,
    ...more,
  };
}

export interface Listening {
  port: number;
  url: string;
  close(): Promise<void>;
}

export async function listening<S extends NetServer>(server: S, protocol = 'http'): Promise<Listening> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const sockets = new Set<{ destroy(): void }>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `${protocol}://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

export function receiver(listener: RequestListener): Promise<Listening> {
  return listening<Server>(createServer(listener));
}

/** The sockets that the process began to connect while `work` ran: a canary at every address at once. */
export async function socketsDuring(work: () => Promise<unknown>): Promise<Socket[]> {
  const sockets: Socket[] = [];
  const collect = (message: unknown) => void sockets.push((message as { socket: Socket }).socket);
  subscribe('net.client.socket', collect);
  try {
    await work();
    return sockets;
  } finally {
    unsubscribe('net.client.socket', collect);
  }
}

interface Lists {
  refuse: string[];
  allow_as_url: string[];
}

const path = process.env['DESKWIRE_DATA_DIR'] && join(process.env['DESKWIRE_DATA_DIR'], 'ssrf', 'ssrfcheck_lists.json');
export const ssrfLists: Lists | undefined =
  path && existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Lists) : undefined;

/** A body of zeros, in chunks of 64 KiB. */
export function* zeros(bytes: number): Generator<Buffer> {
  const chunk = Buffer.alloc(65_536);
  for (let sent = 0; sent < bytes; sent += chunk.length) yield chunk;
}
