import { messageCases, namespaceCases } from './message-cases.fixture.js';
import { ProtocolDesk, sessionCases } from './protocol-cases.fixture.js';

describe('the protocol of socket.io on a desk that allows long polling', () => {
  let desk: ProtocolDesk;
  beforeAll(async () => {
    desk = await ProtocolDesk.start({ REALTIME_POLLING: 'true' });
  });
  afterAll(() => desk.app.close());

  sessionCases(() => desk, { polling: true });
  namespaceCases(() => desk);
});

describe('the WebSocket cases of both protocols on a desk with the default transports', () => {
  let desk: ProtocolDesk;
  beforeAll(async () => {
    desk = await ProtocolDesk.start({});
  });
  afterAll(() => desk.app.close());

  sessionCases(() => desk, { polling: false });
  messageCases(() => desk);
  namespaceCases(() => desk);
});
