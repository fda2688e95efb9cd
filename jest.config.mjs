// Suites are native ES modules that run in the worker's own process: test/setup/jest/runtime.mjs says why.
import { availableParallelism } from 'node:os';

// Young objects are collected rarely, which takes a tenth less processor time. Workers have the options of this process.
process.execArgv.push('--min-semi-space-size=64', '--max-semi-space-size=64');

export default {
  roots: ['<rootDir>/libs', '<rootDir>/apps', '<rootDir>/clients', '<rootDir>/migrations', '<rootDir>/test'],
  testMatch: ['**/*.spec.ts'],
  // Proofs that take minutes: `npm run test:chaos` and `npm run test:console` run them.
  testPathIgnorePatterns: [
    '/node_modules/',
    ...(process.env.CHAOS === 'true' ? [] : ['/test/chaos/']),
    ...(process.env.CONSOLE === 'true' ? [] : ['/test/console/']),
  ],
  runtime: '<rootDir>/test/setup/jest/runtime.mjs',
  testEnvironment: '<rootDir>/test/setup/jest/environment.mjs',
  testSequencer: '<rootDir>/test/setup/jest/sequencer.mjs',
  transform: {},
  globalSetup: '<rootDir>/test/setup/global-setup.mjs',
  globalTeardown: '<rootDir>/test/setup/global-teardown.mjs',
  // Limits only guard against hanging.
  testTimeout: 240_000,
  // Two more than cores, since many tests wait. PostgreSQL has 300 connections for all of them.
  maxWorkers: Math.min(availableParallelism() + 2, 6),
  coverageProvider: 'v8',
  coverageReporters: ['json-summary'],
  collectCoverageFrom: ['libs/**/*.ts', '!**/*.{spec,fixture}.ts'],
};
