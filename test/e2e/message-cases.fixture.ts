import { LiveSockets } from '#realtime';
import { eventually } from '../setup/eventually.js';
import { ECHO, type ProtocolDesk } from './protocol-cases.fixture.js';
import { RawSocket } from './raw-sockets.fixture.js';

/** The cases of engine.io's suite in which a WebSocket sends messages. */
export function messageCases(started: () => ProtocolDesk): void {
  it('a WebSocket sends and gets a text packet', async () => {
    const socket = await started().joined();
    socket.send(`42${ECHO},["message","hello"]`);
    expect(await socket.next()).toBe(`42${ECHO},["message-back","hello"]`);
    socket.close();
  });

  it('a WebSocket sends and gets a binary packet', async () => {
    const socket = await started().joined();
    const bytes = Uint8Array.of(1, 2, 3, 4);
    socket.send(`451-${ECHO},["message",{"_placeholder":true,"num":0}]`);
    socket.send(bytes);
    expect([await socket.next(), await socket.next()]).toEqual([
      `451-${ECHO},["message-back",{"_placeholder":true,"num":0}]`,
      bytes,
    ]);
    socket.close();
  });

  it('a WebSocket that sends a packet of an unknown type is closed', async () => {
    const socket = new RawSocket(started().url);
    await socket.next();
    socket.send('abc');
    await socket.closed;
  });
}

/** The 16 cases of socket.io's suite that are not those of sessions. */
export function namespaceCases(started: () => ProtocolDesk): void {
  const opened = async () => {
    const socket = new RawSocket(started().url);
    await socket.next();
    return socket;
  };

  // Refused by design: the desk has no main namespace.
  it.each(['40', '40{"token":"123"}'])('the main namespace refuses %s with a problem document', async (packet) => {
    const socket = await opened();
    socket.send(packet);
    const answer = (await socket.next()) as string;
    expect(answer).toMatch(/^44\{/);
    expect(JSON.parse(answer.slice(2))).toMatchObject({
      message: 'REALTIME_UNKNOWN_NAMESPACE',
      data: { status: 404, code: 'REALTIME_UNKNOWN_NAMESPACE' },
    });
    socket.close();
  });

  // Refused by design: a namespace needs a token.
  it('a namespace refuses a client without a payload, with a problem document', async () => {
    const socket = await opened();
    socket.send(`40${ECHO},`);
    const start = `44${ECHO},`;
    const answer = await socket.nextOf(start);
    expect(JSON.parse(answer.slice(start.length))).toMatchObject({
      data: { status: 401, code: 'AUTH_UNAUTHENTICATED' },
    });
    await socket.closed;
  });

  // The suite echoes the payload. The desk removes the token, so that no handler sees it.
  it('a namespace admits a client with a token as its payload, and no handler sees the token', async () => {
    const socket = await opened();
    socket.send(started().join);
    const start = `40${ECHO},`;
    const answer = await socket.nextOf(start);
    expect(JSON.parse(answer.slice(start.length))).toEqual({ sid: expect.any(String) });
    expect(await socket.next()).toBe(`42${ECHO},["auth",{}]`);
    socket.close();
  });

  it('an unknown namespace is refused', async () => {
    const socket = await opened();
    socket.send('40/random,');
    expect(await socket.next()).toBe('44/random,{"message":"Invalid namespace"}');
    socket.close();
  });

  it('a WebSocket whose handshake is no packet is closed', async () => {
    const socket = await opened();
    socket.send('4abc');
    await socket.closed;
  });

  it('a WebSocket without a handshake is closed', async () => {
    await (
      await opened()
    ).closed;
  });

  it('a WebSocket that leaves its only namespace keeps its session until it has to join another one', async () => {
    const socket = await started().joined();
    socket.send(`41${ECHO},`);
    await eventually(() => expect(started().app.get(LiveSockets).size).toBe(0));
    socket.send(started().join);
    await socket.nextOf(`40${ECHO},`);
    socket.send(`41${ECHO},`);
    await socket.closed;
  });

  it('a WebSocket leaves one of two namespaces, and goes on in the other', async () => {
    const socket = await started().joined();
    socket.send(started().join.replace(ECHO, '/dashboard'));
    await socket.nextOf('40/dashboard,');
    socket.send('41/dashboard,');
    socket.send(`42${ECHO},["message","still here"]`);
    expect(await socket.next()).toBe(`42${ECHO},["message-back","still here"]`);
    socket.close();
  });

  it('a text packet keeps its values', async () => {
    const socket = await started().joined();
    socket.send(`42${ECHO},["message",1,"2",{"3":[true]}]`);
    expect(await socket.next()).toBe(`42${ECHO},["message-back",1,"2",{"3":[true]}]`);
    socket.close();
  });

  it('an acknowledgement has the id and the values of its packet', async () => {
    const socket = await started().joined();
    socket.send(`42${ECHO},456["message-with-ack",1,"2",{"3":[false]}]`);
    expect(await socket.next()).toBe(`43${ECHO},456[1,"2",{"3":[false]}]`);
    socket.close();
  });

  it.each([
    ['a packet', '', 'message', `452-${ECHO},["message-back",`],
    ['an acknowledgement', '789', 'message-with-ack', `462-${ECHO},789[`],
  ])('%s has the attachments in their order', async (_, id, event, start) => {
    const socket = await started().joined();
    const places = '{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]';
    socket.send(`452-${ECHO},${id}["${event}",${places}`);
    socket.send(Uint8Array.of(1, 2, 3));
    socket.send(Uint8Array.of(4, 5, 6));
    expect([await socket.next(), await socket.next(), await socket.next()]).toEqual([
      `${start}${places}`,
      Uint8Array.of(1, 2, 3),
      Uint8Array.of(4, 5, 6),
    ]);
    socket.close();
  });

  it.each([
    ['packet type', '4abc'],
    ['payload', `42${ECHO},{}`],
    ['acknowledgement id', `42${ECHO},abc["message-with-ack",1]`],
  ])('a WebSocket that sends an invalid %s is closed', async (_, packet) => {
    const socket = await started().joined();
    socket.send(packet);
    await socket.closed;
  });
}
