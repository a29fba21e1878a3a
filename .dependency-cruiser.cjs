/**
 * Imports run one way: cli → workers → workflows | activities → platforms | spool | store → model.
 * The engines and the simulator stand beside that line: they know the model and nothing else of ours. Drills, soak, fuzzer and benchmarks are above all of it.
 */
const LAYERS = {
  model: [],
  platforms: ['model'],
  spool: ['model'],
  store: ['model'],
  engines: ['model'],
  simulator: ['model'],
  activities: ['platforms', 'spool', 'store', 'model'],
  workflows: ['activities', 'platforms/addresses', 'model'],
  workers: ['workflows', 'activities', 'platforms', 'spool', 'store', 'model'],
  plot: [],
  program: [],
  drills: ['program', 'cli', 'engines', 'simulator', 'store', 'model'],
  fuzz: ['program', 'activities', 'platforms', 'spool', 'store', 'simulator', 'model'],
  soak: ['program', 'drills', 'plot', 'cli', 'engines', 'simulator', 'store', 'model'],
  bench: [
    'program',
    'drills',
    'plot',
    'cli',
    'engines',
    'simulator',
    'workers',
    'workflows',
    'activities',
    'platforms',
    'spool',
    'store',
    'model',
  ],
};

const directions = Object.entries(LAYERS).map(([layer, below]) => ({
  name: `${layer}-imports-only-what-is-below`,
  comment: `src/${layer} may import: ${[layer, ...below].join(', ')}.`,
  severity: 'error',
  // The simulator's entry may start the engines.
  from: { path: `^src/${layer}/`, ...(layer === 'simulator' && { pathNot: '^src/simulator/main\\.ts$' }) },
  to: { path: '^(src|test|scripts)/', pathNot: `^src/(${[layer, ...below].join('|')})(/|\\.ts$)` },
}));

module.exports = {
  forbidden: [
    ...directions,
    {
      name: 'simulator-entry-starts-engines-only',
      severity: 'error',
      from: { path: '^src/simulator/main\\.ts$' },
      to: { path: '^(src|test|scripts)/', pathNot: '^src/(simulator|engines|model)/' },
    },
    {
      name: 'product-needs-no-tests',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|scripts)/' },
    },
    {
      name: 'workflows-know-activities-by-type-only',
      comment: 'An activity imported by value would drag the outside world into the workflow bundle.',
      severity: 'error',
      from: { path: '^src/workflows/' },
      to: { path: '^src/activities/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'addresses-stay-pure',
      comment: 'Workflows import these files by value, so what they import is part of the workflow bundle.',
      severity: 'error',
      from: { path: '^src/platforms/(addresses|[^/]+/address)\\.ts$' },
      to: {
        path: '^src/platforms/',
        pathNot: '^src/platforms/[^/]+/address\\.ts$',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'platforms-do-not-know-each-other',
      severity: 'error',
      from: { path: '^src/platforms/([^/]+)/' },
      to: { path: '^src/platforms/[^/]+/', pathNot: '^src/platforms/$1/' },
    },
    {
      name: 'platforms-know-no-engine',
      comment: 'A platform turns bytes into events; where they go is not its business.',
      severity: 'error',
      from: { path: '^src/(platforms|simulator)/' },
      to: { path: '(^|/)(@temporalio/|mongodb|lmdb)' },
    },
    {
      name: 'no-development-packages',
      comment: 'An installation has only `dependencies`; whoever measures has the rest, too.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(plot|soak|bench)/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-cycles',
      comment: 'Of imports by value; types may name each other.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'nothing-unresolved',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '(^|/)dist/' }, // made by the build
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
