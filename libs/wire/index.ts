export { decodeCursor, encodeCursor, pageOf, pageQuery } from './page.js';
export { BodyLimit } from './body-limit.decorator.js';
