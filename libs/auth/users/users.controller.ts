import { Body, Controller, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Creates, Fails, type Page } from '#http';
import { Idempotent } from '#idempotency';
import { CurrentPrincipal, Roles } from '../auth.decorators.js';
import { signInRequired } from '../auth.errors.js';
import type { Principal } from '../principal.js';
import {
  addedUserSchema,
  type AddUserBody,
  addUserSchema,
  type ChangeUserBody,
  changeUserSchema,
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
  @ApiOperation({ summary: 'List users' })
  @ApiOkResponse({ standardSchema: usersPageSchema })
  async list(@Query({ schema: usersQuerySchema }) query: UsersQuery): Promise<Page<UserView>> {
    const page = await this.users.list(query);
    return { items: page.items.map(userView), nextCursor: page.nextCursor };
  }

  @Post()
  @Fails('AUTH_BUSY', 'AUTH_EMAIL_TAKEN', 'AUTH_SIGN_IN_REQUIRED')
  @ApiOperation({ summary: 'Add a user' })
  @Idempotent({ secrets: ['password', 'oneTimePassword'] })
  @Creates('/v1/users/{id}', addedUserSchema)
  async add(
    @CurrentPrincipal() principal: Principal,
    @Body({ schema: addUserSchema }) body: AddUserBody,
  ): Promise<UserView & { oneTimePassword?: string }> {
    requirePerson(principal);
    const { user, oneTimePassword } = await this.users.add(body);
    return { ...userView(user), ...(oneTimePassword === undefined ? {} : { oneTimePassword }) };
  }

  @Get(':id')
  @Fails('AUTH_USER_NOT_FOUND')
  @ApiOperation({ summary: 'Get a user' })
  @ApiOkResponse({ standardSchema: userSchema })
  async get(@Param('id', { schema: userIdSchema }) id: string): Promise<UserView> {
    return userView(await this.users.find(id));
  }

  @Patch(':id')
  @Fails('AUTH_BUSY', 'AUTH_LAST_ADMIN', 'AUTH_SIGN_IN_REQUIRED', 'AUTH_USER_NOT_FOUND')
  @ApiOperation({ summary: 'Change the name or roles of a user, or disable the user' })
  @ApiOkResponse({ standardSchema: userSchema })
  async change(
    @CurrentPrincipal() principal: Principal,
    @Param('id', { schema: userIdSchema }) id: string,
    @Body({ schema: changeUserSchema }) body: ChangeUserBody,
  ): Promise<UserView> {
    requirePerson(principal);
    return userView(await this.users.change(id, body));
  }
}

/** A leaked API key must not be able to create an admin. */
function requirePerson(principal: Principal): void {
  if (principal.via !== 'login') throw signInRequired();
}
