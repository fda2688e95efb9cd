import { DeskProblem } from '../problem.js';
import type { Credentials } from '../session/session.js';
import type { DeskRole } from '../session/identity.js';

export interface FakeUser extends Credentials {
  role: DeskRole;
}

interface Login {
  user: FakeUser;
  accessToken: string;
  refreshToken: string;
  expiresAt: number;
}

/** The users of a fake desk and their tokens. A refresh token works once, without the grace of a real desk, so that a test sees a second use. */
export class FakeLogins {
  /** How often tokens were refreshed. */
  refreshes = 0;
  readonly #logins = new Set<Login>();
  readonly #spent = new Map<string, Login>();
  #count = 0;

  constructor(
    private readonly users: readonly FakeUser[],
    private readonly tokenLifeMs: number,
  ) {}

  signIn({ email, password }: Credentials): object {
    const user = this.users.find((one) => one.email === email && one.password === password);
    if (user === undefined) throw refusal('AUTH_CREDENTIALS_REFUSED', 'The e-mail address or the password is wrong.');
    return this.#issue(user);
  }

  refresh(refreshToken: string): object {
    const reused = this.#spent.get(refreshToken);
    if (reused !== undefined) {
      this.end(reused.user);
      throw refusal('AUTH_REFRESH_REUSED', 'A refresh token of this login was used twice.');
    }
    const login = [...this.#logins].find((one) => one.refreshToken === refreshToken);
    if (login === undefined) throw unauthenticated();
    this.refreshes += 1;
    this.#logins.delete(login);
    this.#spent.set(refreshToken, login);
    return this.#issue(login.user);
  }

  /** @throws DeskProblem AUTH_UNAUTHENTICATED */
  userOf(token: string | undefined): FakeUser {
    const login = [...this.#logins].find((one) => one.accessToken === token);
    if (login === undefined || login.expiresAt <= Date.now()) throw unauthenticated();
    return login.user;
  }

  /** Ends the access tokens of all logins. They can be refreshed. */
  expire(): void {
    for (const login of this.#logins) login.expiresAt = 0;
  }

  /** Ends every login of a user. */
  end(user: FakeUser): void {
    for (const login of [...this.#logins]) if (login.user === user) this.#logins.delete(login);
  }

  setRole(email: string, role: DeskRole): void {
    this.userByEmail(email).role = role;
  }

  userByEmail(email: string): FakeUser {
    const user = this.users.find((one) => one.email === email);
    if (user === undefined) throw new Error(`The fake desk has no user ${email}.`);
    return user;
  }

  #issue(user: FakeUser): object {
    const number = ++this.#count;
    const login: Login = {
      user,
      accessToken: `access-${number}`,
      refreshToken: `refresh-${number}`,
      expiresAt: Date.now() + this.tokenLifeMs,
    };
    this.#logins.add(login);
    const { accessToken, refreshToken } = login;
    return { accessToken, refreshToken, expiresIn: this.tokenLifeMs / 1_000, tokenType: 'Bearer' };
  }
}

export function unauthenticated(): DeskProblem {
  return refusal('AUTH_UNAUTHENTICATED', 'This needs a valid access token. Sign in, or refresh your token.');
}

function refusal(code: string, detail: string): DeskProblem {
  return new DeskProblem({ code, status: 401, detail, correlationId: 'fake', title: 'Unauthorized' });
}
