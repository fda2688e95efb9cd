import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { DeskHome } from '../cli/home/desk-home.js';

export interface RunningDemo {
  logins: { email: string; password: string; role: string }[];
  stop(): Promise<void>;
}

export async function startDemo(_app: NestFastifyApplication, _home: DeskHome, _databaseUrl: string): Promise<RunningDemo> {
  return { logins: [], stop: () => Promise.resolve() };
}
