import { Body, Controller, Get, Headers, HttpCode, Ip, Post } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  ApiUnauthorizedResponse,
} from '@nestjs/swagger';
import { Fails } from '#http';
import { RateClass } from '#throttling';
import { CurrentPrincipal, Public } from './auth.decorators.js';
import {
  type Login,
  loginSchema,
  type Me,
  meSchema,
  type PasswordChange,
  passwordChangeSchema,
  type Refresh,
  refreshSchema,
  tokenPairSchema,
} from './auth.dto.js';
import { LoginService } from './logins/login.service.js';
import { LogoutService } from './logins/logout.service.js';
import { RefreshService } from './logins/refresh.service.js';
import type { Principal } from './principal.js';
import type { TokenPair } from './tokens/access-tokens.js';
import { PasswordsService } from './users/passwords.service.js';
import { UsersService } from './users/users.service.js';

@ApiTags('auth')
@Controller('v1/auth')
export class AuthController {
  constructor(
    private readonly logins: LoginService,
    private readonly refreshes: RefreshService,
    private readonly logouts: LogoutService,
    private readonly passwords: PasswordsService,
    private readonly users: UsersService,
  ) {}

  @Public()
  @Post('login')
  @RateClass('login', 'email')
  @Fails('AUTH_BUSY', 'AUTH_CREDENTIALS_REFUSED', 'AUTH_TOO_MANY_ATTEMPTS')
  @ApiOperation({
    summary: 'Sign in with e-mail and password',
    description:
      'The access token is sent as `Authorization: Bearer`. The refresh token replaces it before it expires.',
  })
  @HttpCode(200)
  @ApiOkResponse({ standardSchema: tokenPairSchema })
  login(
    @Body({ schema: loginSchema }) body: Login,
    @Ip() ip: string,
    @Headers('user-agent') userAgent: string | undefined,
  ): Promise<TokenPair> {
    return this.logins.login(body.email, body.password, { ip, userAgent });
  }

  @Public()
  @Post('refresh')
  @RateClass('login')
  @Fails('AUTH_REFRESH_REUSED', 'AUTH_UNAUTHENTICATED')
  @ApiOperation({
    summary: 'Replace a refresh token and get a new access token',
    description: 'A refresh token works once. If one is used again, its login ends, because it may have been copied.',
  })
  @HttpCode(200)
  @ApiOkResponse({ standardSchema: tokenPairSchema })
  @ApiUnauthorizedResponse({
    description:
      'AUTH_REFRESH_REUSED: a token of this login was reused, so it was ended; AUTH_UNAUTHENTICATED: any other reason',
  })
  refresh(@Body({ schema: refreshSchema }) body: Refresh): Promise<TokenPair> {
    return this.refreshes.refresh(body.refreshToken);
  }

  @Post('logout')
  @ApiOperation({ summary: 'Sign out', description: 'Ends this login and all its tokens.' })
  @HttpCode(204)
  @ApiBearerAuth()
  @ApiNoContentResponse({ description: 'The login and all its tokens have ended' })
  logout(@CurrentPrincipal() principal: Principal): Promise<void> {
    return this.logouts.logout(principal);
  }

  @Post('password')
  @RateClass('login')
  @Fails('AUTH_BUSY', 'AUTH_CURRENT_PASSWORD_WRONG', 'AUTH_SIGN_IN_REQUIRED', 'AUTH_TOO_MANY_ATTEMPTS')
  @ApiOperation({
    summary: 'Change your password',
    description: 'Ends every login of the user, including this one, and with `endApiKeys` every API key.',
  })
  @HttpCode(204)
  @ApiBearerAuth()
  @ApiNoContentResponse({ description: 'The password is changed, and every login of the user has ended' })
  changePassword(
    @CurrentPrincipal() principal: Principal,
    @Body({ schema: passwordChangeSchema }) body: PasswordChange,
    @Ip() ip: string,
  ): Promise<void> {
    return this.passwords.change(principal, body, ip);
  }

  @Get('me')
  @ApiOperation({
    summary: 'Show the signed-in user',
    description: 'With the roles and the end of the token that the request was sent with.',
  })
  @ApiBearerAuth()
  @ApiOkResponse({ standardSchema: meSchema })
  async me(@CurrentPrincipal() principal: Principal): Promise<Me> {
    const { email, displayName } = await this.users.find(principal.userId);
    const { userId, roles, loginId, expiresAt } = principal;
    return { userId, email, displayName, roles: [...roles], loginId, expiresAt: expiresAt.toISOString() };
  }
}
