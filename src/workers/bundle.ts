import { bundleWorkflowCode, DefaultLogger, type WorkflowBundleOption } from '@temporalio/worker';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { withoutPromiseStacks } from './promise-stacks.js';
import { withSharedModules } from './shared-modules.js';

/** Where `npm run build` leaves the workflows' code. */
export const BUNDLE_PATH = fileURLToPath(new URL('../workflow-bundle.js', import.meta.url));

const EXTENSION = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
const beside = (path: string): string => fileURLToPath(new URL(`../${path}${EXTENSION}`, import.meta.url));

/** What workflows read their input and signals with; with it comes zod. */
const PRELOADED = ['model/room-state', 'model/room-attributes', 'model/discovery', 'model/errors', 'model/backoff'];

/**
 * The workflows' code as the sandbox takes it, made anew from the sources beside this file.
 *
 * @param workflowsPath of the file that exports the workflows; default: barrage's own
 */
export async function bundleWorkflows(workflowsPath = beside('workflows/index')): Promise<{ code: string }> {
  const { code } = await bundleWorkflowCode({
    logger: new DefaultLogger('WARN'),
    workflowsPath,
    preloadModules: PRELOADED.map(beside),
    webpackConfigHook: (config) => ({
      ...config,
      // Sources name each other with .js, as Node wants it, also where they are TypeScript.
      resolve: { ...config.resolve, extensionAlias: { '.js': ['.ts', '.js'] } },
    }),
  });
  return { code: withoutPromiseStacks(withSharedModules(code)) };
}

/** The built bundle where there is one, else a fresh one. */
export const workflowBundle = async (): Promise<WorkflowBundleOption> =>
  existsSync(BUNDLE_PATH) ? { codePath: BUNDLE_PATH } : bundleWorkflows();
