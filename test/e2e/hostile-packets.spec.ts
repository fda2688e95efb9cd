import { once } from 'node:events';
import { eventually } from '../setup/eventually.js';
import { createTestDatabase, type TestDatabase } from '../setup/test-database.js';
import { ForkedDesk } from './forked-desk.fixture.js';
import { clientFrame, lineTo, RawSocket, upgradeRequest } from './raw-sockets.fixture.js';

const ADMIN = { email: 'admin@test.example', password: 'correct horse battery staple' };
const NAMESPACE = '/dashboard';
const attachment = (num: unknown) => JSON.stringify({ _placeholder: true, num });
const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;

/** Packets of a client that has joined, with what they are known for. Each ends its connection. */
const CLOSING: [string, (string | Uint8Array)[]][] = [
  ['an event name that is an object (CVE-2023-32695)', [`42${NAMESPACE},[{"toString":"x"}]`]],
  ['an event without a name', [`42${NAMESPACE},[]`]],
  ['an event whose name is null', [`42${NAMESPACE},[null]`]],
  ['an event whose payload is an object', [`42${NAMESPACE},{"length":1}`]],
  ['a reserved event name', [`42${NAMESPACE},["disconnect"]`]],
  ['an event name of the emitter', [`42${NAMESPACE},["newListener",1]`]],
  [
    'an attachment with a method as its index (CVE-2022-2421)',
    [`451-${NAMESPACE},["x",${attachment('splice')}]`, Uint8Array.of(1)],
  ],
  ['an attachment with an index that does not exist', [`451-${NAMESPACE},["x",${attachment(10)}]`, Uint8Array.of(1)]],
  ['a negative index of an attachment', [`451-${NAMESPACE},["x",${attachment(-1)}]`, Uint8Array.of(1)]],
  ['more attachments than the parser accepts', [`4511-${NAMESPACE},["x",${attachment(0)}]`]],
  ['a count of attachments that would fill the memory', [`4599999999-${NAMESPACE},["x",${attachment(0)}]`]],
  ['a count of attachments that is no number', [`45x-${NAMESPACE},["x"]`]],
  ['a count of attachments without an end', ['451']],
  ['a text in place of an attachment', [`451-${NAMESPACE},["x",${attachment(0)}]`, `42${NAMESPACE},["x"]`]],
  ['an attachment of no packet', [Uint8Array.of(1, 2, 3)]],
  ['a second join', [`40${NAMESPACE},{}`]],
  ['a refusal from a client', [`44${NAMESPACE},{"message":"x"}`]],
  ['a disconnect of a namespace that it has not joined', ['41/quotes,']],
  ['JSON that ends too early', [`42${NAMESPACE},["x",{"a":`]],
  ['a heartbeat in the wrong direction', ['2']],
  ['a packet of engine.io that has no type', ['abc']],
  ['a message beyond the maximum size (CVE-2020-36049)', [`42${NAMESPACE},["x","${'x'.repeat(200_000)}"]`]],
];

/** Messages of a client that has joined, each with the code of its refusal. */
const REFUSED: [string, string, string][] = [
  ['an event named error (CVE-2024-38355)', '["error",{}]', 'REALTIME_UNKNOWN_EVENT'],
  ['an event named __proto__', '["__proto__",{}]', 'REALTIME_UNKNOWN_EVENT'],
  ['an event named constructor', '["constructor"]', 'REALTIME_UNKNOWN_EVENT'],
  ['an event whose name is a number', '[7]', 'REALTIME_UNKNOWN_EVENT'],
  ['an event name of 100 KB', `["${'e'.repeat(100_000)}"]`, 'REALTIME_UNKNOWN_EVENT'],
  ['the key __proto__', '["dashboard:subscribe",{"__proto__":{"polluted":true}}]', 'REQUEST_INVALID'],
  [
    'the keys constructor and prototype',
    '["dashboard:subscribe",{"constructor":{"prototype":{"polluted":true}}}]',
    'REQUEST_INVALID',
  ],
  ['JSON of 50,000 levels', `["dashboard:subscribe",${deep(50_000)}]`, 'REQUEST_INVALID'],
  ['JSON of 5,000 levels among panels', `["dashboard:subscribe",{"panels":${deep(5_000)}}]`, 'REQUEST_INVALID'],
];

/** Bytes after the upgrade that break RFC 6455. Each ends its connection. */
const FRAMES: [string, Buffer][] = [
  ['a frame without a mask', Buffer.from([0x81, 1, 0x32])],
  ['a frame with a reserved bit', Buffer.concat([Buffer.from([0xc1, 0x81]), Buffer.alloc(5)])],
  ['a frame of an unknown kind', clientFrame('x', 3)],
  ['a continuation of nothing', clientFrame('x', 0)],
  ['a ping of more than 125 bytes', clientFrame('x'.repeat(200), 9)],
  ['a ping in two frames', Buffer.concat([Buffer.from([0x09, 0x81]), Buffer.alloc(5)])],
  ['text that is not UTF-8', clientFrame(Buffer.from([0xff, 0xfe]), 1)],
  ['a close with an invalid code', clientFrame(Buffer.from([0, 1]), 8)],
  ['a length of 2^63 - 1 bytes', Buffer.from([0x82, 0xff, 0x7f, ...Array<number>(7).fill(0xff), 0, 0, 0, 0])],
];

/** Requests for a WebSocket that get none. */
const UPGRADES: [string, string, string][] = [
  ['2,200 headers (CVE-2024-37890)', 'x: y\r\n'.repeat(2_200), '/socket.io/?EIO=4&transport=websocket'],
  ['a session that is no one of its own', '', '/socket.io/?EIO=4&transport=websocket&sid=__proto__'],
  ['a list of sessions (CVE-2023-31125)', '', '/socket.io/?EIO=4&transport=websocket&sid=a&sid=b'],
  ['a transport that is a method', '', '/socket.io/?EIO=4&transport=constructor'],
  ['a list of transports', '', '/socket.io/?EIO=4&transport=websocket&transport=polling'],
  [
    'a protocol of 15,000 spaces (CVE-2021-32640)',
    `Sec-WebSocket-Protocol: a${' '.repeat(15_000)}b\r\n`,
    '/socket.io/?EIO=4&transport=websocket',
  ],
];

describe('hostile packets', () => {
  let database: TestDatabase;
  let desk: ForkedDesk;
  let token: string;
  let bystander: RawSocket;
  let number = 100;

  beforeAll(async () => {
    database = await createTestDatabase();
    desk = await ForkedDesk.start(database, {
      ADMIN_EMAIL: ADMIN.email,
      ADMIN_PASSWORD: ADMIN.password,
      REALTIME_MAX_PER_USER: '100',
    });
    token = (await desk.request('POST', '/v1/auth/login', { body: ADMIN })).body.accessToken;
    bystander = await RawSocket.join(desk.url, token);
  });
  afterEach(async () => {
    expect(await bystander.ask('dashboard:unsubscribe', {}, number++)).toEqual({ subscribed: false });
    expect(desk.child.exitCode).toBeNull();
  });
  afterAll(async () => {
    bystander.close();
    await desk.kill();
    await database.drop();
  });

  it.each(CLOSING)('%s closes its socket, and no other', async (_, packets) => {
    const socket = await RawSocket.join(desk.url, token);
    for (const packet of packets) socket.send(packet);
    await socket.closed;
  });

  it.each(REFUSED)('%s is refused with a problem document, and its socket goes on', async (_, message, code) => {
    const socket = await RawSocket.join(desk.url, token);
    socket.send(`42${NAMESPACE},5${message}`);
    const answer = await socket.nextOf(`43${NAMESPACE},5`);
    expect(JSON.parse(answer.slice(`43${NAMESPACE},5`.length))).toEqual([expect.objectContaining({ code })]);
    expect(await socket.ask('dashboard:unsubscribe', {})).toEqual({ subscribed: false });
    socket.close();
  });

  it('the key __proto__ among panels names no panel', async () => {
    const socket = await RawSocket.join(desk.url, token);
    socket.send(`42${NAMESPACE},5["dashboard:subscribe",{"panels":{"system":{},"__proto__":{"polluted":true}}}]`);
    const answer = await socket.nextOf(`43${NAMESPACE},5`);
    expect(Object.keys(JSON.parse(answer.slice(`43${NAMESPACE},5`.length))[0].panels)).toEqual(['system']);
    expect(answer).not.toContain('polluted');
    socket.close();
  });

  it('acknowledgements that nobody asked for are ignored', async () => {
    const socket = await RawSocket.join(desk.url, token);
    for (const id of ['', '7', '99999999999999999999']) socket.send(`43${NAMESPACE},${id}["x"]`);
    expect(await socket.ask('dashboard:unsubscribe', {})).toEqual({ subscribed: false });
    socket.close();
  });

  it.each([
    ['__proto__', '/__proto__'],
    ['constructor', '/constructor'],
    ['in capitals', '/DASHBOARD'],
    ['with a slash at its end', '/dashboard/'],
    ['of 100 KB', `/${'n'.repeat(100_000)}`],
  ])('a namespace that does not exist (%s) is refused', async (_, name) => {
    const socket = new RawSocket(desk.url);
    await socket.next();
    socket.send(`40${name},{}`);
    expect(await socket.next()).toBe(`44${name},{"message":"Invalid namespace"}`);
    socket.close();
  });

  it('a flood of packets is refused, and then its socket is closed', async () => {
    const socket = await RawSocket.join(desk.url, token);
    const reasons: string[] = [];
    socket.onPacket = (packet) => reasons.push(String(packet));
    for (let n = 0; n < 3_000; n++) socket.send(`42${NAMESPACE},["dashboard:unsubscribe",{}]`);
    await socket.closed;
    expect(reasons.at(-2)).toContain('["closing",{"code":"REALTIME_MESSAGES_TOO_FAST"');
  });

  it.each(FRAMES)('%s closes its connection', async (_, bytes) => {
    const line = await lineTo(desk.url);
    line.write(upgradeRequest());
    await once(line, 'data');
    line.resume();
    line.write(bytes);
    await once(line, 'close');
  });

  it.each(UPGRADES)('a request with %s gets no WebSocket', async (_, headers, path) => {
    const line = await lineTo(desk.url);
    line.write(upgradeRequest(headers, path));
    const answer = await Promise.race([once(line, 'data'), once(line, 'close').then(() => [''])]);
    expect(String(answer[0])).not.toMatch(/^HTTP\/1\.1 101/);
    line.destroy();
  });

  it('connections that are reset during their upgrade do no harm (CVE-2022-41940)', async () => {
    const lines = await Promise.all(Array.from({ length: 50 }, () => lineTo(desk.url)));
    for (const line of lines) line.write(upgradeRequest(), () => line.resetAndDestroy());
    await eventually(() => expect(lines.every((line) => line.closed)).toBe(true));
    expect((await desk.request('GET', '/health/live')).status).toBe(200);
  });
});
