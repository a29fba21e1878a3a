import tseslint from 'typescript-eslint';

/** An import from a folder hides which file is meant. */
const noFolderImports = { regex: '^\\.{1,2}(/\\.\\.)*/?$', message: 'Import from the file itself.' };

/** Only what the workflow sandbox can run: everything else would break replay, or the bundle. */
const onlySandboxPackages = {
  regex: '^(?!(@temporalio/(workflow|common)|zod)$|\\.{1,2}/)',
  allowTypeImports: true,
  message:
    'Workflow code imports @temporalio/workflow or common, zod and our own pure files; anything else with `import type`.',
};

/** The model and the room addresses are part of the workflow bundle, and know nothing of Temporal either. */
const onlyZod = {
  regex: '^(?!zod$|\\.{1,2}/)',
  allowTypeImports: true,
  message: 'This code is part of the workflow bundle: it imports zod and other files of ours, and does no I/O.',
};

/** What ends up in the workflow bundle: the workflows first, then what they may import by value. */
const bundled = [
  'src/workflows/**/*.ts',
  'src/model/**/*.ts',
  'src/platforms/addresses.ts',
  'src/platforms/*/address.ts',
];

const alwaysMistakes = [
  'for-direction',
  'no-async-promise-executor',
  'no-case-declarations',
  'no-cond-assign',
  'no-constant-binary-expression',
  'no-debugger',
  'no-dupe-else-if',
  'no-duplicate-case',
  'no-empty',
  'no-empty-pattern',
  'no-ex-assign',
  'no-fallthrough',
  'no-irregular-whitespace',
  'no-loss-of-precision',
  'no-misleading-character-class',
  'no-regex-spaces',
  'no-self-assign',
  'no-shadow-restricted-names',
  'no-sparse-arrays',
  'no-unsafe-finally',
  'no-unsafe-optional-chaining',
  'no-unused-labels',
  'no-useless-assignment',
  'no-useless-catch',
  'no-useless-escape',
  'use-isnan',
];

const environment = 'Only the entry reads the environment; pass the value in.';

const restrictImports = (...patterns) => ({
  '@typescript-eslint/no-restricted-imports': ['error', { patterns: [noFolderImports, ...patterns] }],
});

export default tseslint.config(
  { ignores: ['dist/', 'coverage/', '.barrage/', '**/*_pb.ts'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  { rules: Object.fromEntries(alwaysMistakes.map((rule) => [rule, 'error'])) },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // An async function without await is often there for its type, as in an interface's test double.
      '@typescript-eslint/require-await': 'off',

      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-deprecated': 'error',
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/no-misused-spread': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      '@typescript-eslint/no-unnecessary-boolean-literal-compare': 'error',
      '@typescript-eslint/prefer-nullish-coalescing': ['error', { ignorePrimitives: { string: true } }],
      '@typescript-eslint/prefer-optional-chain': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/return-await': ['error', 'in-try-catch'],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/use-unknown-in-catch-callback-variable': 'error',

      eqeqeq: 'error',
      'no-self-compare': 'error',
      'no-unreachable-loop': 'error',
      'no-var': 'error',
      'object-shorthand': 'error',
      'prefer-const': 'error',
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
      '@typescript-eslint/no-non-null-assertion': 'error',
      'max-lines': ['error', { max: 300 }],
      'max-lines-per-function': ['error', { max: 60 }],
      'no-console': 'error',
      'no-restricted-properties': ['error', { object: 'process', property: 'env', message: environment }],
      'no-restricted-syntax': [
        'error',
        {
          selector:
            'CallExpression[callee.object.name="AbortSignal"][callee.property.name="any"] MemberExpression[object.name="AbortSignal"][property.name="timeout"]',
          message: 'On Node 20 this timeout may be collected before it fires; use withDeadline.',
        },
      ],
      ...restrictImports({ regex: '^(node:)?process$', importNames: ['env', 'default'], message: environment }),
    },
  },
  {
    files: [
      'src/cli/**/*.ts',
      'src/simulator/main.ts',
      'src/soak/main.ts',
      'src/drills/{main,shifted-clock}.ts',
      'src/bench/{main,profile}.ts',
    ],
    rules: { 'no-console': 'off', 'no-restricted-properties': 'off', ...restrictImports() },
  },
  { files: bundled.slice(0, 1), rules: restrictImports(onlySandboxPackages) },
  { files: bundled.slice(1), rules: restrictImports(onlyZod) },
  {
    files: bundled,
    rules: {
      'no-restricted-globals': [
        'error',
        ...[
          'process',
          'Buffer',
          'setImmediate',
          'queueMicrotask',
          'performance',
          'fetch',
          'crypto',
          'WebSocket',
          'require',
        ].map((name) => ({ name, message: 'This code runs in the workflow sandbox, which has no Node.' })),
      ],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      ...restrictImports(),
      'max-lines': ['error', { max: 400 }],
      'no-restricted-syntax': [
        'error',
        {
          selector: 'MemberExpression[object.name=/^(it|test|describe)$/][property.name="only"]',
          message: 'This would leave every other test out.',
        },
        {
          selector: 'CallExpression[callee.object.name="vi"][callee.property.name=/^(mock|doMock)$/]',
          message:
            'Unit tests share their modules, so a module that another file has loaded before keeps what it imported; pass the value in.',
        },
      ],

      // Tests read what came back from outside, and hand in what no type allows.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  {
    files: ['*.js', '.*.cjs', '*.ts', 'scripts/**/*.js'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: {
      parserOptions: { projectService: false },
      globals: { console: 'readonly', process: 'readonly', module: 'writable', URL: 'readonly' },
    },
  },
);
