import { jobsSchema } from '#jobs';
import { entities } from './entities.js';
import { migrations } from './index.js';

/** The whole schema, for DatabaseModule.forRoot() and the migrator. */
export const schema = { entities, migrations, extensions: [jobsSchema] };
