import { type DynamicModule, Module } from '@nestjs/common';
import { InstrumentsModule } from '#instruments';
import { CatalogueController } from './catalogue.controller.js';
import { CatalogueService } from './catalogue.service.js';

/** The names that rules, filters and screens can use. */
@Module({})
export class CatalogueModule {
  /** @param dashboard the dashboard with its panels */
  static forRoot(dashboard: DynamicModule): DynamicModule {
    return {
      module: CatalogueModule,
      imports: [dashboard, InstrumentsModule],
      controllers: [CatalogueController],
      providers: [CatalogueService],
    };
  }
}
