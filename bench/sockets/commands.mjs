// What a server under measurement does on a message of the bench: `{ fan: rounds, text }` sends a text to all sockets that many
// times and answers its processor time, `{ memory }` answers the memory that it uses after a collection.

/** @param engine the server's engine.io @param sendAll sends an event with this payload to all sockets */
export function obey(engine, sendAll) {
  const queued = () =>
    Object.values(engine().clients).some(
      ({ writeBuffer, transport }) => writeBuffer.length > 0 || transport.socket.bufferedAmount > 0,
    );
  process.on('message', async ({ fan, payload, memory }) => {
    if (memory) {
      for (let round = 0; round < 3; round++) {
        globalThis.gc();
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      const { heapUsed, external, rss } = process.memoryUsage();
      process.send({ used: heapUsed + external, rss });
      return;
    }
    const before = process.cpuUsage();
    for (let round = 0; round < fan; round++) {
      sendAll(payload);
      // At most one round is on its way, so that no socket falls behind.
      do await new Promise(setImmediate);
      while (queued());
    }
    const { user, system } = process.cpuUsage(before);
    process.send({ cpuMs: (user + system) / 1_000 });
  });
}
