import { randomBytes } from 'node:crypto';
import { type DeskProcess, DeskFolder } from '../e2e/desk-process.fixture.js';
import { Balancer } from './balancer.js';

export const ADMIN = { email: 'ops@desk.example', password: 'a password of the operator' };

interface Node {
  folder: DeskFolder;
  desk: DeskProcess;
  url: string;
}

/** Processes of one desk (`deskwire serve`) on one database, behind a balancer. */
export class Cluster {
  private readonly nodes: Node[] = [];
  /** They are not of this process's group, so Ctrl-C does not reach them. */
  private readonly killWithThisProcess = () => {
    for (const { folder } of this.nodes) folder.remove();
  };

  private constructor(
    readonly balancer: Balancer,
    private readonly environment: Record<string, string>,
  ) {}

  /** Resolves when each process is ready. */
  static async start(size: number, environment: Record<string, string>): Promise<Cluster> {
    const hex = () => randomBytes(32).toString('hex');
    const cluster = new Cluster(await Balancer.start(), {
      ADMIN_EMAIL: ADMIN.email,
      ADMIN_PASSWORD: ADMIN.password,
      JWT_SECRET_KEY: hex(),
      SESSIONS_ENCRYPTION_KEY: hex(),
      WEBHOOK_ENCRYPTION_KEY: hex(),
      EGRESS_ALLOW_PRIVATE: 'true',
      REALTIME_MAX_CONNECTIONS: '2000',
      REALTIME_MAX_PER_USER: '2000',
      // Above the interval of the balancer's checks, also on a busy machine.
      SHUTDOWN_LAME_DUCK: '5s',
      SHUTDOWN_TIMEOUT: '30s',
      ...environment,
    });
    process.once('exit', cluster.killWithThisProcess);
    await Promise.all(Array.from({ length: size }, (_, at) => cluster.begin(at)));
    return cluster;
  }

  get url(): string {
    return this.balancer.url;
  }

  get size(): number {
    return this.nodes.length;
  }

  /** The own address of a process. */
  urlOf(at: number): string {
    return this.nodes[at]!.url;
  }

  /** The process ids of the processes. */
  get pids(): number[] {
    return this.nodes.map(({ desk }) => desk.child.pid!);
  }

  /** Stops one process by a signal, waits for its end, and starts another one in its place. @returns its exit code */
  async replace(at: number, signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    const { desk, url } = this.nodes[at]!;
    desk.kill(signal);
    const code = await desk.exit;
    this.balancer.remove(url);
    await this.begin(at);
    return code;
  }

  async stop(): Promise<void> {
    process.off('exit', this.killWithThisProcess);
    for (const { desk } of this.nodes) desk.kill('SIGTERM');
    await Promise.all(this.nodes.map(({ desk }) => desk.exit));
    for (const { folder } of this.nodes) folder.remove();
    await this.balancer.stop();
  }

  private async begin(at: number): Promise<void> {
    const folder = this.nodes[at]?.folder ?? new DeskFolder();
    const desk = folder.serve(this.environment);
    const node = (this.nodes[at] = { folder, desk, url: '' });
    node.url = await desk.ready();
    this.balancer.add(node.url);
  }
}
