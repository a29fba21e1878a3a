import { isSecretVariable } from '../model/secret.js';

/**
 * The environment as it was given. What is secret in it is taken out of the process's own: Node lists that in its diagnostic reports, and whatever is
 * started inherits it. To be imported before anything else.
 */
export const environment: NodeJS.ProcessEnv = { ...process.env };

for (const name of Object.keys(environment)) {
  if (isSecretVariable(name)) delete process.env[name];
}
