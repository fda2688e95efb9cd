import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { ruleVocabulary } from '#alerts';
import { type Cache, Caches } from '#caching';
import { PanelSet } from '#dashboard';
import { declaredEvents } from '#events';
import { builtInMasters, InstrumentsRepository } from '#instruments';
import { inlineSchema, publishedSchemas } from '#schemas';
import type { CatalogueAnswer } from './catalogue.dto.js';

/** Maximum time that the catalogue is kept, in ms. */
const KEPT_MS = 60_000;

interface Catalogue {
  answer: CatalogueAnswer;
  etag: string;
}

/** Collects the names from the declarations of all libs. Only the brokers change while the desk runs. */
@Injectable()
export class CatalogueService {
  readonly #cache: Cache<Catalogue>;

  constructor(
    private readonly panels: PanelSet,
    private readonly instruments: InstrumentsRepository,
    caches: Caches,
  ) {
    this.#cache = caches.open<Catalogue>('catalogue', { maxItems: 1, topic: 'instruments', anyChange: true });
  }

  read(): Promise<Catalogue> {
    return this.#cache.getOrLoad('catalogue', KEPT_MS, async () => {
      const answer = { ...this.#declarations(), brokers: await this.#brokers() };
      const etag = `W/"${createHash('sha1').update(JSON.stringify(answer)).digest('base64url')}"`;
      return { answer, etag };
    });
  }

  async #brokers(): Promise<CatalogueAnswer['brokers']> {
    const imported = await this.instruments.brokers();
    const names = new Set(imported.map(({ name }) => name));
    const others = new Set(builtInMasters().map(({ brokers }) => brokers[0]!));
    const brokers = [
      ...imported.map((broker) => ({ ...broker, imported: true })),
      ...[...others].filter((name) => !names.has(name)).map((name) => ({ name, exchanges: [], imported: false })),
    ];
    return brokers.sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  #declarations(): Omit<CatalogueAnswer, 'brokers'> {
    const declared = declaredEvents();
    const { commonFields, operators, fields } = ruleVocabulary(declared);
    const versions = Map.groupBy(declared, ({ type }) => type);
    return {
      eventTypes: fields.map(({ type, fields: own }) => {
        const each = versions.get(type)!;
        const { operator = null, confidential = false } = each.at(-1)!;
        return { type, versions: each.map(({ version }) => version), operator, confidential, fields: [...own] };
      }),
      commonFields: [...commonFields],
      operators: operators.map(({ kinds, ...rest }) => ({ ...rest, kinds: [...kinds] })),
      panels: this.panels.all.map(({ name, onlyByName, parameters }) => ({
        name,
        onlyByName,
        parameters: inlineSchema(parameters, 'input'),
      })),
      venues: valuesOf('VenueName'),
      messageFormats: valuesOf('MessageFormat'),
      severities: valuesOf('Severity'),
      roles: valuesOf('Role'),
    };
  }
}

/** The values of a published enumeration, in their order. */
function valuesOf(name: string): string[] {
  const schema = publishedSchemas().get(name)?.schema;
  if (!(schema instanceof z.ZodEnum)) throw new Error(`No enumeration is published as ${name}.`);
  return schema.options.map(String);
}
