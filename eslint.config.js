import tseslint from 'typescript-eslint';

// Few rules, each chosen: what the compiler and the formatter do not see.
export default tseslint.config(
  {
    ignores: [
      'dist/**',
      'dist.*/**',
      'build/**',
      'node_modules/**',
      '**/*.gen.ts',
      'coverage/**',
      'vscode-extension/dist/**',
      'examples/**/images/**',
    ],
  },
  {
    files: ['**/*.ts'],
    plugins: { '@typescript-eslint': tseslint.plugin },
    languageOptions: { parser: tseslint.parser, parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/only-throw-error': 'off',
      '@typescript-eslint/ban-ts-comment': ['error', { 'ts-expect-error': 'allow-with-description' }],
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      eqeqeq: 'error',
      'no-empty': ['error', { allowEmptyCatch: false }],
      'no-var': 'error',
      'prefer-const': 'error',
      'no-console': 'off',
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      'no-console': 'error',
      'no-restricted-globals': [
        'error',
        { name: 'setTimeout', message: 'Time comes from a Clock (src/shared/clock.ts).' },
        { name: 'setInterval', message: 'Time comes from a Clock (src/shared/clock.ts).' },
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Time comes from a Clock (src/shared/clock.ts).' },
      ],
    },
  },
  { files: ['src/shared/clock.ts'], rules: { 'no-restricted-globals': 'off' } },
  // In the browser, where a person looks at a clock of their own.
  {
    files: ['src/dashboard/page/**/*.ts'],
    rules: { 'no-restricted-globals': 'off', 'no-restricted-properties': 'off' },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        { name: 'setTimeout', message: 'Wait on a watch or turn a manual clock; never sleep.' },
      ],
    },
  },
);
