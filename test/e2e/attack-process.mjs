// Sends one request in a number of loops until it is told to stop, in a process of its own: clients that share the process of
// the measurement would delay it. Told over IPC: { url, method, headers, body, callers }; answers { status: count }. Without a
// url it only keeps a core busy: what the clients of an attack do to a machine is not the desk's doing.
process.once('message', async ({ url, method, headers, body, callers }) => {
  let stopped = false;
  process.once('message', () => (stopped = true));
  const statuses = {};
  const loop = async () => {
    while (!stopped && url === undefined) {
      for (const until = performance.now() + 5; performance.now() < until;);
      await new Promise(setImmediate);
    }
    while (!stopped) {
      const response = await fetch(url, { method, headers, body });
      await response.arrayBuffer();
      statuses[response.status] = (statuses[response.status] ?? 0) + 1;
      // As a client that heeds Retry-After, only faster.
      if (response.status === 429) await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  await Promise.all(Array.from({ length: callers }, loop));
  process.send(statuses, () => process.exit(0));
});
process.once('disconnect', () => process.exit(0));
process.send('ready');
