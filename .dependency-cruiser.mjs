// Enforces the dependency plan: libs/plan.mjs defines which lib may import which, and this file turns each row into a
// rule.
import { allowedImports, libs, rooms } from './libs/plan.mjs';

const oneOf = (names) => `(${names.join('|')})`;
const specs = '[.]spec[.]ts$';

const planRules = libs.map((lib) => ({
  name: `plan-${lib}`,
  comment: `${lib} may import ${allowedImports(lib).join(', ') || 'no other lib'} (libs/plan.mjs).`,
  severity: 'error',
  from: { path: `^libs/${lib}/`, pathNot: specs },
  to: { path: '^libs/[^/]+/', pathNot: `^libs/${oneOf([lib, ...allowedImports(lib)])}/` },
}));

const roomRules = Object.entries(rooms).flatMap(([lib, order]) =>
  order.slice(0, -1).map((room, height) => ({
    name: `rooms-${lib}-${room}`,
    comment: `${lib}/${room} may not import the rooms after it: ${order.slice(height + 1).join(', ')} (libs/plan.mjs).`,
    severity: 'error',
    from: { path: `^libs/${lib}/${room}/`, pathNot: specs },
    to: { path: `^libs/${lib}/${oneOf(order.slice(height + 1))}/` },
  })),
);

export default {
  forbidden: [
    {
      name: 'no-circles',
      comment: 'Where two need each other, a third noun is missing. In ESM a circle dies at boot.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'resolvable',
      comment: 'An import that leads nowhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'listed',
      comment: 'Every lib is a row of libs/plan.mjs.',
      severity: 'error',
      from: {},
      to: { path: '^libs/[^/]+/', pathNot: `^libs/${oneOf(libs)}/` },
    },
    {
      name: 'by-name-only',
      comment: 'Another lib is entered by its public entry: #name.',
      severity: 'error',
      from: { path: '^libs/([^/]+)/' },
      to: { path: '^libs/[^/]+/', pathNot: '^libs/$1/', dependencyTypesNot: ['aliased-subpath-import'] },
    },
    {
      name: 'apps-by-name-only',
      comment: 'The composition enters libs by their public entries too: #name.',
      severity: 'error',
      from: { path: '^(apps|migrations)/' },
      to: { path: '^libs/[^/]+/', dependencyTypesNot: ['aliased-subpath-import'] },
    },
    {
      name: 'own-lib-relative',
      comment: 'Inside a lib imports are relative: importing its own public entry would be a circle.',
      severity: 'error',
      from: { path: '^libs/([^/]+)/' },
      to: { path: '^libs/$1/', dependencyTypes: ['aliased-subpath-import'] },
    },
    {
      name: 'libs-do-not-know-apps',
      comment: 'apps/ composes; no lib knows it.',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^(apps|test|bench)/' },
    },
    {
      name: 'client-alone',
      comment: 'The client package is published alone: it knows the desk by its wire.',
      severity: 'error',
      from: { path: '^clients/' },
      to: { path: '^(apps|libs|migrations|test|bench)/' },
    },
    {
      name: 'console-by-client',
      comment: 'The console reaches the desk through its client package, as any dashboard does.',
      severity: 'error',
      from: { path: '^apps/console/' },
      to: { path: '^(apps/(?!console/)|libs/|migrations/|test/)' },
    },
    ...planRules,
    ...roomRules,
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      conditionNames: ['deskwire-source', 'import', 'require', 'node', 'default', 'types'],
      exportsFields: ['exports'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
