import { describeWithRedis } from '../setup/redis-server.js';
import { itSurvivesFaultsOfRedis } from './redis-faults.fixture.js';

describeWithRedis('a desk with a faulty Redis', () => itSurvivesFaultsOfRedis(2, false, ['hangs', 'is killed']));
