import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, type Principal, Roles } from '#auth';
import { BodyLimit, Fails, type Page } from '#http';
import {
  adjustmentPage,
  type AdjustmentView,
  adjustmentView,
  listAdjustments,
  type ListAdjustments,
  listRates,
  type ListRates,
  postAdjustment,
  type PostAdjustment,
  postRates,
  type PostRates,
  ratePage,
  ratesPosted,
  type RatesPosted,
  type RateView,
} from './rate.dto.js';
import { RatesService } from './rates.service.js';

@ApiTags('rates')
@ApiBearerAuth()
@Controller('v1')
export class RatesController {
  constructor(private readonly rates: RatesService) {}

  /** For operators only: a rate changes the totals of every user. */
  @Post('rates')
  @Fails('PORTFOLIOS_TOO_MANY_RATES')
  @ApiOperation({
    summary: 'Store up to 1,000 rates of currencies; an older rate never replaces a newer one',
    description:
      'A rate changes the totals of every user. Minor units such as GBX are fixed parts of their currency and have no rate.',
  })
  @HttpCode(200)
  @Roles('operator')
  @BodyLimit(1024 * 1024, 'rates')
  @ApiOkResponse({ standardSchema: ratesPosted })
  post(@Body({ schema: postRates }) body: PostRates): Promise<RatesPosted> {
    return this.rates.post(body.rates);
  }

  @Get('rates')
  @ApiOperation({
    summary: 'List the latest rate of each pair of currencies',
    description: 'Sorted by base and quote.',
  })
  @ApiOkResponse({ standardSchema: ratePage })
  list(@Query({ schema: listRates }) query: ListRates): Promise<Page<RateView>> {
    return this.rates.list(query);
  }

  /** For operators only: a split changes the quantity of every position of the contract. */
  @Post('adjustments')
  @Fails('PORTFOLIOS_TOO_MANY_ADJUSTMENTS')
  @ApiOperation({
    summary: 'Store a split of a contract, or correct its factor',
    description:
      'From `exDate` on, one unit of before is `factor` units, in every portfolio. A factor of 1 undoes a split.',
  })
  @HttpCode(200)
  @Roles('operator')
  @ApiOkResponse({ standardSchema: adjustmentView })
  adjust(
    @CurrentPrincipal() principal: Principal,
    @Body({ schema: postAdjustment }) body: PostAdjustment,
  ): Promise<AdjustmentView> {
    return this.rates.adjust(principal, body);
  }

  @Get('adjustments')
  @ApiOperation({ summary: 'List the splits of contracts', description: 'Sorted by broker, key and day.' })
  @ApiOkResponse({ standardSchema: adjustmentPage })
  listAdjustments(@Query({ schema: listAdjustments }) query: ListAdjustments): Promise<Page<AdjustmentView>> {
    return this.rates.listAdjustments(query);
  }
}
