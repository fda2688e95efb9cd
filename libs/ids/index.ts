export { firstUuidFrom, timeOfUuid, uuid7, uuid7Sql, uuid8 } from './uuid.js';
export { uuid7Sequence } from './uuid7-sequence.js';
