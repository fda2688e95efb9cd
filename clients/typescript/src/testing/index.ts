export { FakeDesk, type FakeDeskOptions, type FakePanels } from './fake-desk.js';
export type { FakeUser } from './fake-logins.js';
export type { FakeHandler, FakeRequest } from './fake-rest.js';
