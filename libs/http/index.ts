export { Creates } from './creates.decorator.js';
export { createHttpAdapter, setUpHttp } from './http-setup.js';
export { HttpConnections } from './connections/http-connections.js';
export { HttpModule } from './http.module.js';
export { HttpTraffic } from './http-traffic.js';
export { invalidRequest, parseRequest } from './invalid-request.js';
export { BodyLimit, Upload } from './route.decorators.js';
export { type Page, pageFrom, pageOf, pageQuery } from './lists/page.js';
export { Fails } from './fails.decorator.js';
