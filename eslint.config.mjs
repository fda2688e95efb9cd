// House rules for code. Each rule prevents a kind of bug that has occurred.
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

const noForwardRef = {
  paths: [
    {
      name: '@nestjs/common',
      importNames: ['forwardRef'],
      message:
        'Two that need each other lack a third noun. In ESM a circle dies at boot: Cannot access X before initialization.',
    },
  ],
};

// The change feed is written through `append` and `appendSql`, whose topic is a member of TOPICS.
const topicRules = [
  {
    selector: "TSAsExpression[typeAnnotation.typeName.name='Topic']",
    message: 'A topic is a member of TOPICS (libs/changes/topics.ts): add it there instead of casting.',
  },
  {
    selector: ':matches(TemplateElement[value.raw=/INTO change_feed/i], Literal[value=/INTO change_feed/i])',
    message: 'Append to the change feed with appendSql() from #changes, so that the topic is a member of TOPICS.',
  },
];

const errorRule = {
  selector: "NewExpression[callee.name='DomainError']",
  message:
    'Every error has a documented code: declare it with defineErrors() and make it with the function that returns.',
};

export default tseslint.config(
  { ignores: ['dist/', 'clients/*/dist/', 'clients/*/src/generated/', 'node_modules/', 'coverage/', '.deskwire/'] },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.recommended],
    languageOptions: {
      // The parser must recognise decorators. Otherwise consistent-type-imports would turn injected classes into types.
      parserOptions: { projectService: true, emitDecoratorMetadata: true, experimentalDecorators: true },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_' },
      ],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'no-console': 'error',
      'no-restricted-imports': ['error', noForwardRef],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    files: ['**/*.ts'],
    ignores: ['libs/changes/**', 'migrations/**', 'test/**'],
    rules: { 'no-restricted-syntax': ['error', ...topicRules] },
  },
  {
    files: ['libs/**/*.ts', 'apps/**/*.ts'],
    ignores: ['apps/console/**', 'libs/errors/**', 'libs/changes/**', '**/*.spec.ts', '**/*.fixture.ts'],
    rules: { 'no-restricted-syntax': ['error', ...topicRules, errorRule] },
  },
  {
    files: ['apps/console/**/*.{ts,tsx}', 'clients/typescript/**/*.{ts,tsx}'],
    ...reactHooks.configs.flat['recommended-latest'],
  },
  // A terminal is where the command line speaks.
  { files: ['apps/cli/**/*.ts', 'bench/**/*.ts'], rules: { 'no-console': 'off' } },
  // Tests read data from the wire without types.
  { files: ['test/**/*.ts', 'bench/**/*.ts'], rules: { '@typescript-eslint/no-explicit-any': 'off' } },
  { files: ['**/*.mjs'], rules: { 'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }] } },
);
