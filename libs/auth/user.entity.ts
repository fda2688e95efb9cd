import { Check, Column, Entity, PrimaryColumn, Unique } from 'typeorm';
import type { Role } from './role.js';

@Entity('users')
@Unique('uq_users_email', ['email'])
@Check('ck_users_roles', `cardinality(roles) > 0 AND roles <@ ARRAY['viewer', 'trader', 'operator', 'admin']`)
export class UserEntity {
  @PrimaryColumn('uuid', { default: () => 'uuidv7()', primaryKeyConstraintName: 'pk_users' })
  id!: string;

  /** As normaliseEmail() returns it. */
  @Column('text')
  email!: string;

  /** argon2id in PHC form. The default is a hash that no password has: replication withholds the column. */
  @Column('text', {
    default: '$argon2id$v=19$m=19456,t=2,p=1$d2l0aGhlbGR3aXRoaGVsZA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  })
  passwordHash!: string;

  @Column('text')
  displayName!: string;

  @Column('text', { array: true })
  roles!: Role[];

  /** Created by the demo desk, and removed with it. */
  @Column('boolean', { default: false })
  isDemo!: boolean;

  @Column('timestamptz', { nullable: true })
  disabledAt!: Date | null;

  @Column('timestamptz', { default: () => 'now()' })
  createdAt!: Date;

  @Column('timestamptz', { default: () => 'now()' })
  updatedAt!: Date;
}
