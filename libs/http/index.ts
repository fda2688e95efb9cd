export { basePathOf } from './base-path.js';
export { BodyLimit } from './bodies/body-limit.decorator.js';
export { Creates } from './creates.decorator.js';
export { Upload } from './bodies/upload.decorator.js';
export { createHttpAdapter, setUpHttp } from './http-setup.js';
export { HttpModule } from './http.module.js';
export { HttpTraffic } from './http-traffic.js';
export { invalidRequest, parseRequest } from './invalid-request.js';
export { type Page, pageFrom, pageOf, pageQuery } from './page.js';
