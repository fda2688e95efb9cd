import { Module } from '@nestjs/common';
import { RealtimeModule } from '#realtime';
import { PortfoliosModule } from '../portfolios.module.js';
import { QuotesGateway } from './quotes.gateway.js';

/** Quotes over sockets, for processes that serve them. */
@Module({ imports: [PortfoliosModule, RealtimeModule], providers: [QuotesGateway] })
export class LiveQuotesModule {}
