import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';

// Who may import whom. `external` lists packages a tag must never see; the canary in tools/canary proves the rule runs.
const constraint = (tag, may, external = []) => ({
  sourceTag: `type:${tag}`,
  onlyDependOnLibsWithTags: [tag, ...may].map((name) => `type:${name}`),
  ...(external.length ? { bannedExternalImports: external } : {}),
});
const NEST = '@nestjs/*';
const DATABASE = ['typeorm', 'pg'];
// Every project has a configuration of its own that spreads this one: paths below are meant from here, not from there.
const basePath = import.meta.dirname;

export const depConstraints = [
  constraint('domain', ['testing'], [NEST, ...DATABASE, 'class-validator']),
  constraint('journal', ['domain', 'testing'], [NEST, ...DATABASE]),
  constraint('data', ['domain', 'testing'], ['@nestjs/cqrs', 'class-validator']),
  constraint('sdk', ['domain', 'journal', 'testing'], [...DATABASE, '@nestjs/cqrs']),
  constraint('server', ['domain', 'testing'], DATABASE),
  {
    sourceTag: 'type:app',
    onlyDependOnLibsWithTags: ['domain', 'data', 'server', 'testing'].map((t) => `type:${t}`),
  },
  constraint('client', [], [NEST, ...DATABASE]),
  constraint('cli', ['domain', 'journal', 'client', 'testing'], [NEST, ...DATABASE]),
  constraint('example', ['sdk', 'testing'], DATABASE),
  constraint('postgres', [], [NEST, 'typeorm']),
  constraint('testing', ['postgres'], [NEST, 'typeorm']),
  ...['tool', 'e2e'].map((tag) =>
    constraint(tag, ['domain', 'journal', 'data', 'sdk', 'server', 'client', 'postgres', 'testing']),
  ),
];

const testingEntries = {
  group: ['@factflow/testing', '@factflow/*/testing'],
  message: 'Testing entries are imported by specs only.',
};

export default [
  ...nx.configs['flat/base'],
  ...nx.configs['flat/typescript'],
  ...nx.configs['flat/javascript'],
  {
    basePath,
    ignores: [
      '**/dist',
      '**/coverage',
      '**/.nx',
      '**/tmp',
      'tools/canary/**/*.canary.ts',
      'libs/client/src/schema.ts',
    ],
  },
  {
    files: ['**/*.ts', '**/*.js', '**/*.mjs'],
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        { enforceBuildableLibDependency: false, allow: ['^.*/eslint\\.config\\.mjs$'], depConstraints },
      ],
      'no-console': 'error',
      eqeqeq: 'error',
    },
  },
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' },
        { selector: 'ExportAllDeclaration', message: 'Name what is exported.' },
      ],
    },
  },
  {
    basePath,
    files: ['**/*.ts'],
    ignores: ['**/*.spec.ts', '**/testing.ts', '**/testing/**', 'apps/e2e/**', 'libs/testing/**', 'tools/**'],
    rules: { 'no-restricted-imports': ['error', { patterns: [testingEntries] }] },
  },
  // Nest reads constructor parameter types at run time: a type-only import would erase them.
  {
    basePath,
    files: [
      'apps/command/**/*.ts',
      'apps/query/**/*.ts',
      'apps/example/**/*.ts',
      'libs/server/**/*.ts',
      'libs/lineage/**/*.ts',
    ],
    rules: { '@typescript-eslint/consistent-type-imports': 'off' },
  },
  { basePath, files: ['jest.config.ts'], rules: { 'no-restricted-syntax': 'off' } },
  { basePath, files: ['tools/**', 'apps/cli/bin/**'], rules: { 'no-console': 'off' } },
  { files: ['**/*.js', '**/*.cjs'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
  prettier,
];
