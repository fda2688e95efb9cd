import { once } from 'node:events';
import { connect, type Socket as Line } from 'node:net';

/** A WebSocket without socket.io's client: it shows each packet as it is. Answers heartbeats unless told not to. */
export class RawSocket {
  readonly #socket: WebSocket;
  readonly #received: (string | Uint8Array)[] = [];
  #waiting: ((packet: string | Uint8Array) => void) | undefined;
  readonly opened: Promise<void>;
  /** Resolves when the connection is closed or could not be opened. */
  readonly closed: Promise<void>;
  isOpen = true;
  /** Takes the packets instead of `next`, when it is set. */
  onPacket: ((packet: string | Uint8Array) => void) | undefined;

  /** @param query of the request */
  constructor(
    desk: string,
    query = 'EIO=4&transport=websocket',
    private readonly answersPings = true,
  ) {
    this.#socket = new WebSocket(`${desk.replace('http', 'ws')}/socket.io/?${query}`);
    this.#socket.binaryType = 'arraybuffer';
    this.#socket.onmessage = ({ data }) => this.#take(data as string | ArrayBuffer);
    this.#socket.onerror = () => undefined;
    this.opened = new Promise((resolve) => (this.#socket.onopen = () => resolve()));
    this.closed = new Promise((resolve) => {
      this.#socket.onclose = () => {
        this.isOpen = false;
        resolve();
      };
    });
  }

  /** Opens one, and joins a namespace. @returns it, after the server's answer to the join. Rejects if it is closed before that */
  static async join(desk: string, token: string, namespace = '/dashboard'): Promise<RawSocket> {
    const socket = new RawSocket(desk);
    const refused = socket.closed.then((): never => {
      throw new Error('refused: closed');
    });
    await Promise.race([socket.next(), refused]);
    socket.send(`40${namespace},${JSON.stringify({ token })}`);
    const answer = await Promise.race([socket.next(), refused]);
    if (typeof answer !== 'string' || !answer.startsWith(`40${namespace},`)) throw new Error(`refused: ${answer}`);
    return socket;
  }

  send(packet: string | Uint8Array): void {
    this.#socket.send(packet as string);
  }

  /** The next packet. */
  next(): Promise<string | Uint8Array> {
    const first = this.#received.shift();
    if (first !== undefined) return Promise.resolve(first);
    return new Promise((resolve) => (this.#waiting = resolve));
  }

  /** The next packet that begins with this text. Rejects if the connection is closed before that. */
  async nextOf(start: string): Promise<string> {
    const lost = this.closed.then((): never => {
      throw new Error(`closed before ${start}`);
    });
    for (;;) {
      const packet = await Promise.race([this.next(), lost]);
      if (typeof packet === 'string' && packet.startsWith(start)) return packet;
    }
  }

  /** The acknowledgement of a message, parsed. @param id of the message */
  async ask(event: string, message: object, id = 1, namespace = '/dashboard'): Promise<any> {
    this.send(`42${namespace},${id}${JSON.stringify([event, message])}`);
    const start = `43${namespace},${id}`;
    return (JSON.parse((await this.nextOf(`${start}[`)).slice(start.length)) as unknown[])[0];
  }

  close(): void {
    this.#socket.close();
  }

  #take(data: string | ArrayBuffer): void {
    if (data === '2' && this.answersPings) return this.send('3');
    const packet = typeof data === 'string' ? data : new Uint8Array(data);
    if (this.onPacket !== undefined) return this.onPacket(packet);
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) this.#received.push(packet);
    else waiting(packet);
  }
}

/** A masked WebSocket frame of a client (RFC 6455, section 5.2), at most 64 KiB. Its mask is zero. */
export function clientFrame(payload: string | Uint8Array, opcode = typeof payload === 'string' ? 1 : 2): Buffer {
  const body = Buffer.from(payload as string);
  const length =
    body.length < 126 ? Buffer.from([0x80 | body.length]) : Buffer.from([0xfe, body.length >> 8, body.length & 255]);
  return Buffer.concat([Buffer.from([0x80 | opcode]), length, Buffer.alloc(4), body]);
}

/** A request for a WebSocket. @param headers more header lines, each with its line end */
export function upgradeRequest(headers = '', path = '/socket.io/?EIO=4&transport=websocket'): string {
  const key = Buffer.from('0123456789abcdef').toString('base64');
  return `GET ${path} HTTP/1.1\r\nHost: desk.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n${headers}\r\n`;
}

/** A bare TCP connection to the desk. Its errors are ignored. */
export async function lineTo(desk: string, options: object = {}): Promise<Line> {
  const { hostname, port } = new URL(desk);
  const line = connect({ host: hostname, port: Number(port), ...options });
  line.on('error', () => undefined);
  await once(line, 'connect');
  return line;
}

/** Joins `/dashboard` over a bare TCP connection, waits for the answer, and then reads nothing more. */
export function stalledClient(desk: string, token: string): Promise<Line> {
  return joinOverTcp(desk, token, () => false);
}

/** Like `stalledClient`, but reads one byte per second. */
export function tricklingClient(desk: string, token: string): Promise<Line> {
  return joinOverTcp(desk, token, (line) => {
    setTimeout(() => line.resume(), 1_000).unref();
    return false;
  });
}

/** The kernel hands over one byte at a time, so nothing is read ahead. @param afterwards called for each byte after the answer */
async function joinOverTcp(desk: string, token: string, afterwards: (line: Line) => boolean): Promise<Line> {
  const steps = ['"maxPayload"', '40/dashboard,{'].map((text) => ({ text, reached: Promise.withResolvers<void>() }));
  const [opened, joined] = steps.map(({ reached }) => reached.promise);
  const buffer = Buffer.alloc(1);
  let seen = '';
  const callback = () => {
    const [step] = steps;
    if (step === undefined) return afterwards(line);
    seen = `${seen}${buffer.toString('latin1')}`.slice(-step.text.length);
    if (seen !== step.text) return true;
    steps.shift()!.reached.resolve();
    return steps.length > 0 || afterwards(line);
  };
  const line = await lineTo(desk, { onread: { buffer, callback } });
  line.write(upgradeRequest());
  await opened;
  line.write(clientFrame(`40/dashboard,${JSON.stringify({ token })}`));
  await joined;
  return line;
}
