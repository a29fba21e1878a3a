import { z } from 'zod';
import { BarrageError, ERRORS } from '../../model/errors.js';
import type { CommandContext, RegisterCommand } from '../context.js';
import { EXIT_CODES } from '../exit-codes.js';
import type { Output, Paint } from '../output.js';
import { withoutCredentials } from '../secrets.js';
import type { Settings } from '../settings.js';
import { type CheckStatus, type Finding, findingsOf } from './check.js';
import { checkPlatformClock } from './clock.js';
import { checkAddressBudget, checkSchema, checkVersions } from './machine.js';
import { checkMongo } from './mongodb.js';
import { checkSpools } from './spool.js';
import { checkTemporal } from './temporal.js';

const HELP = `
Looks at Temporal, MongoDB, the spools, the disk, the clock, what the platform allows an address, the published schema
and the versions, and says what to do about what is wrong. It writes one document to MongoDB and deletes it, and asks
the platform for its time once. \`barrage config\` prints the settings. Exit code 1 when something failed.

Examples:
  $ barrage doctor
  $ TEMPORAL_ADDRESS=temporal:7233 MONGODB_URI=mongodb://db/ barrage doctor
  $ barrage doctor --json | jq '.findings[] | select(.status == "fail")'`;

export const registerDoctor: RegisterCommand = (program, host) => {
  program
    .command('doctor')
    .description('check everything barrage needs, and say what to do')
    .addHelpText('after', HELP)
    .action(host.action(z.object({}), examine));
};

async function examine(context: CommandContext): Promise<number> {
  const { out } = context;
  const findings = await findAll(context);
  const hasFailed = findings.some(({ status }) => status === 'fail');
  out.result({ ok: !hasFailed, findings }, () => findings.map((finding) => shown(finding, out)).join('\n'));
  return hasFailed ? EXIT_CODES.failed.code : EXIT_CODES.ok.code;
}

async function findAll(context: CommandContext): Promise<Finding[]> {
  let settings: Settings;
  try {
    settings = await context.settings();
  } catch (error) {
    if (!(error instanceof BarrageError)) throw error;
    const remedy = 'Change it there; docs/configuration.md lists every setting. The other checks wait for that.';
    return [checkVersions(), findingsOf('configuration').fail(error.message, remedy)];
  }
  const given = settings.shown.filter(({ origin }) => origin.kind !== 'default').length;
  const valid = findingsOf('configuration').ok(`Valid; ${given} of its settings are not the defaults.`);
  const looks = await Promise.all([
    attempt('temporal', () => checkTemporal(context)),
    attempt('mongodb', () => checkMongo(context)),
    attempt('spool', () => checkSpools(settings)),
    attempt('clock', async () => [await checkPlatformClock(settings, context.signal)]),
    attempt('schema', async () => [await checkSchema()]),
  ]);
  return [checkVersions(), valid, ...looks.flat(), checkAddressBudget(settings)];
}

/** A check that breaks is a finding, too: the others are still told. */
async function attempt(name: string, look: () => Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof BarrageError) return [findingsOf(name).fail(error.message, ERRORS[error.code].help)];
    const words = withoutCredentials(error instanceof Error ? error.message : String(error));
    return [findingsOf(name).fail(`This could not be looked at: ${words}.`, 'Ask again; if it stays so, report it.')];
  }
}

const MARKS: Readonly<Record<CheckStatus, { word: string; paint: Paint }>> = {
  ok: { word: 'ok     ', paint: 'green' },
  warn: { word: 'warn   ', paint: 'yellow' },
  fail: { word: 'FAIL   ', paint: 'red' },
  skipped: { word: 'skipped', paint: 'dim' },
};

function shown({ name, status, message, remedy }: Finding, out: Output): string {
  const { word, paint } = MARKS[status];
  const line = `${out.paint(paint, word)}  ${name.padEnd(19)}  ${message}`;
  return remedy === undefined ? line : `${line}\n${' '.repeat(30)}→ ${remedy}`;
}
