import { Inject, Injectable } from '@nestjs/common';
import { AuditTrail, type Principal } from '#auth';
import { Atomic } from '#database';
import { parseRequest } from '#http';
import { Quotas } from '#quotas';
import { mappingNotFound, tooManyMappings } from '../import.errors.js';
import { instrumentsConfig, type InstrumentsConfig } from '../instruments.config.js';
import { builtInMasters } from '../masters/built-in-masters.js';
import { type MasterMapping, masterMappingSchema } from '../masters/master-mapping.js';
import { givenMapping, namedMapping } from './given-mapping.js';
import { MappingsRepository, type StoredMapping } from './mappings.repository.js';

/** Stores mappings of brokers that are not built in, for imports that name them. */
@Injectable()
export class MappingsService {
  constructor(
    private readonly mappings: MappingsRepository,
    private readonly quotas: Quotas,
    private readonly audit: AuditTrail,
    @Inject(instrumentsConfig.token) private readonly config: InstrumentsConfig,
  ) {}

  /**
   * Checks and stores a mapping. Repeating it is not an error.
   * @throws DomainError REQUEST_INVALID naming each wrong word, INSTRUMENTS_TOO_MANY_MAPPINGS
   */
  @Atomic()
  async put(
    principal: Principal,
    broker: string,
    name: string,
    given: Record<string, unknown>,
  ): Promise<StoredMapping> {
    const mapping = namedMapping(name, given);
    parseRequest('body', masterMappingSchema, mapping);
    const { added, ...stored } = await this.mappings.put(broker, name, mapping, principal.userId);
    const max = this.config.maxMappings;
    if (added)
      await this.quotas.keep({
        name: 'instrument_mappings',
        owner: null,
        max,
        count: () => this.mappings.count(),
        refusal: () => tooManyMappings(max),
      });
    await this.audit.record({
      action: 'mapping_stored',
      subject: { kind: 'mapping', id: null },
      after: { broker, name },
    });
    return stored;
  }

  /** @throws DomainError INSTRUMENTS_MAPPING_NOT_FOUND */
  async get(broker: string, name: string): Promise<StoredMapping> {
    const found = await this.mappings.find(broker, name);
    if (!found) throw mappingNotFound(broker, name);
    return found;
  }

  list(
    broker: string | undefined,
    limit: number,
    after?: readonly [broker: string, name: string],
  ): Promise<StoredMapping[]> {
    return this.mappings.list(broker, limit, after);
  }

  /** Repeating it is not an error. Contracts that were imported by it stay. */
  @Atomic()
  async remove(broker: string, name: string): Promise<void> {
    if (!(await this.mappings.remove(broker, name))) return;
    await this.audit.record({
      action: 'mapping_removed',
      subject: { kind: 'mapping', id: null },
      before: { broker, name },
    });
  }

  /**
   * The mapping for an import: a stored one, or else a built-in format of that name.
   * @throws DomainError INSTRUMENTS_MAPPING_NOT_FOUND, REQUEST_INVALID if an older release stored it
   */
  async open(broker: string, name: string): Promise<MasterMapping> {
    const stored = await this.mappings.find(broker, name);
    if (stored) return givenMapping(stored.mapping);
    const builtIn = builtInMasters().find(({ mapping }) => mapping.name === name);
    if (!builtIn) throw mappingNotFound(broker, name);
    return builtIn.mapping;
  }
}
