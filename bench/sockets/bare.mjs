// A bare socket.io server with the desk's namespace and none of its limits.
import { createServer } from 'node:http';
import { Server } from 'socket.io';
import { obey } from './commands.mjs';

const http = createServer();
const io = new Server(http, { transports: ['websocket'], perMessageDeflate: false, pingInterval: 600_000 });
const dashboard = io.of('/dashboard').on('connection', () => undefined);
obey(
  () => io.engine,
  (payload) => dashboard.emit('dashboard:delta', payload),
);
http.listen(0, '127.0.0.1', () => process.send({ url: `http://127.0.0.1:${http.address().port}` }));
