import { Body, Controller, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Creates, Fails, type Page } from '#http';
import { Idempotent } from '#idempotency';
import { CurrentPrincipal, Roles } from '../auth.decorators.js';
import { type Principal, requireLogin } from '../principal.js';
import {
  addedUserSchema,
  type AddUserBody,
  addUserSchema,
  type ChangeUserBody,
  changeUserSchema,
  type ResetPasswordBody,
  resetPasswordSchema,
  userIdSchema,
  userSchema,
  usersPageSchema,
  type UsersQuery,
  usersQuerySchema,
  type UserView,
  userView,
} from './user.dto.js';
import { UsersService } from './users.service.js';

@ApiTags('users')
@ApiBearerAuth()
@Roles('admin')
@Controller('v1/users')
export class UsersController {
  constructor(private readonly users: UsersService) {}

  @Get()
  @Fails('AUTH_SIGN_IN_REQUIRED')
  @ApiOperation({ summary: 'List users', description: 'Disabled users are listed too.' })
  @ApiOkResponse({ standardSchema: usersPageSchema })
  async list(@Query({ schema: usersQuerySchema }) query: UsersQuery): Promise<Page<UserView>> {
    const page = await this.users.list(query);
    return { items: page.items.map(userView), nextCursor: page.nextCursor };
  }

  @Post()
  @Fails('AUTH_BUSY', 'AUTH_EMAIL_TAKEN', 'AUTH_SIGN_IN_REQUIRED')
  @ApiOperation({
    summary: 'Add a user',
    description:
      'Without `password` the answer has a one-time password, which is shown only once. Takes a sign-in, not an API key.',
  })
  @Idempotent({ secrets: ['password', 'oneTimePassword'] })
  @Creates('/v1/users/{id}', addedUserSchema)
  async add(
    @CurrentPrincipal() principal: Principal,
    @Body({ schema: addUserSchema }) body: AddUserBody,
  ): Promise<UserView & { oneTimePassword?: string }> {
    requireLogin(principal);
    const { user, oneTimePassword } = await this.users.add(body);
    return { ...userView(user), ...(oneTimePassword === undefined ? {} : { oneTimePassword }) };
  }

  @Get(':id')
  @Fails('AUTH_USER_NOT_FOUND')
  @ApiOperation({ summary: 'Get a user', description: 'Also a disabled one.' })
  @ApiOkResponse({ standardSchema: userSchema })
  async get(@Param('id', { schema: userIdSchema }) id: string): Promise<UserView> {
    return userView(await this.users.find(id));
  }

  @Post(':id/reset')
  @Fails('AUTH_BUSY', 'AUTH_SIGN_IN_REQUIRED', 'AUTH_USER_NOT_FOUND')
  @ApiOperation({
    summary: 'Reset the password of a user',
    description: 'Ends the logins and API keys of the user. A generated password is returned only once.',
  })
  @HttpCode(200)
  @ApiOkResponse({ standardSchema: addedUserSchema })
  async reset(
    @CurrentPrincipal() principal: Principal,
    @Param('id', { schema: userIdSchema }) id: string,
    @Body({ schema: resetPasswordSchema }) body: ResetPasswordBody,
  ): Promise<UserView & { oneTimePassword?: string }> {
    requireLogin(principal);
    const { user, oneTimePassword } = await this.users.resetPassword(id, body.password);
    return { ...userView(user), ...(oneTimePassword === undefined ? {} : { oneTimePassword }) };
  }

  @Patch(':id')
  @Fails('AUTH_BUSY', 'AUTH_LAST_ADMIN', 'AUTH_SIGN_IN_REQUIRED', 'AUTH_USER_NOT_FOUND')
  @ApiOperation({
    summary: 'Change the name or roles of a user, or disable the user',
    description:
      'Changed roles apply within 2 seconds, also to open sockets. The last admin can be neither disabled nor demoted. Takes a sign-in, not an API key.',
  })
  @ApiOkResponse({ standardSchema: userSchema })
  async change(
    @CurrentPrincipal() principal: Principal,
    @Param('id', { schema: userIdSchema }) id: string,
    @Body({ schema: changeUserSchema }) body: ChangeUserBody,
  ): Promise<UserView> {
    requireLogin(principal);
    return userView(await this.users.change(id, body));
  }
}
