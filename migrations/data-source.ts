import { DataSource } from 'typeorm';
import { entities } from './entities.js';
import { migrations } from './index.js';

/** For TypeORM's own command line; Deskwire migrates with `deskwire migrate`, which holds a lock. */
export default new DataSource({
  type: 'postgres',
  url: process.env['DATABASE_URL'],
  entities,
  migrations,
  installExtensions: false,
});
