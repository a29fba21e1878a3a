import { spawn } from 'node:child_process';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { say, tell, wordsOf } from '../program/program.js';
import { PARTS } from './catalogue.js';
import { busyTimeUs, CpuProfile, topFrames } from './cpu-profile.js';
import { flameGraphSvg } from './flame-graph.js';
import { tableMarkdown } from './markdown.js';

const USAGE = `Usage: npm run profile -- PART [options]

Runs one part of the benchmark and takes a CPU profile of its process and of every Node process that it starts. Leaves the
profiles (.cpuprofile, for the developer tools of a browser) and flame graphs (SVG), and prints where the time went.

  --out DIR    default: .barrage/profiles/PART; what is in it is replaced
  --seed S     as for the benchmark
  --help

Exit code: that of the benchmark; 2 for a wrong command line.`;

const TOP = 10;
const SUFFIX = '.cpuprofile';
/** A process that did less is not worth a table. */
const LEAST_BUSY_US = 100_000;

interface Given {
  part: string;
  out: string;
  seed: string[];
}

function commandLine(): Given | undefined {
  const text = { type: 'string' } as const;
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { out: text, seed: text, help: { type: 'boolean' } },
  });
  if (values.help === true) return undefined;
  const [part, more] = positionals;
  const names = PARTS.map(({ name }) => name);
  if (part === undefined || more !== undefined || !names.includes(part))
    throw new RangeError(`name one part; they are ${names.join(', ')}`);
  const out = resolve(values.out ?? join('.barrage', 'profiles', part));
  return { part, out, seed: values.seed === undefined ? [] : ['--seed', values.seed] };
}

/** Resolves with its exit code once it has ended; an interrupt reaches it, too, and it ends by itself. */
function runPart({ part, seed, out }: Given): Promise<number> {
  const preload = new URL('profiled.js', import.meta.url);
  preload.searchParams.set('folder', out);
  const options = [process.env['NODE_OPTIONS'], `--import=${preload.href}`].filter(Boolean).join(' ');
  const main = fileURLToPath(new URL('main.js', import.meta.url));
  const child = spawn(process.execPath, ['--enable-source-maps', main, part, ...seed], {
    stdio: 'inherit',
    env: { ...process.env, NODE_OPTIONS: options },
  });
  const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
  process.on('SIGINT', () => undefined).on('SIGTERM', pass);
  return new Promise((end, fail) => {
    child.once('error', fail);
    child.once('close', (code) => end(code ?? 1));
  });
}

async function tellOf(folder: string, file: string): Promise<void> {
  const profile = CpuProfile.parse(JSON.parse(await readFile(join(folder, file), 'utf8')));
  const busyUs = busyTimeUs(profile);
  const name = file.slice(0, -SUFFIX.length);
  await writeFile(join(folder, `${name}.svg`), flameGraphSvg(profile, `${name}: ${(busyUs / 1e6).toFixed(1)} s busy`));
  if (busyUs < LEAST_BUSY_US) return;
  const rows = topFrames(profile, TOP).map(({ name: frame, ms, share }) => [
    frame,
    `${(share * 100).toFixed(1)} %`,
    ms.toFixed(0),
  ]);
  say(
    `**${name}**, busy for ${(busyUs / 1e6).toFixed(1)} s\n\n${tableMarkdown(['function', 'of its time', 'ms'], rows)}\n`,
  );
}

async function main(): Promise<number> {
  let given: Given | undefined;
  try {
    given = commandLine();
  } catch (error) {
    tell(`${wordsOf(error)}\n\n${USAGE}`);
    return 2;
  }
  if (given === undefined) {
    say(USAGE);
    return 0;
  }
  await mkdir(given.out, { recursive: true });
  for (const file of await readdir(given.out)) {
    if (/\.(cpuprofile|svg)$/.test(file)) await rm(join(given.out, file));
  }
  const code = await runPart(given);
  for (const file of (await readdir(given.out)).filter((name) => name.endsWith(SUFFIX)).sort()) {
    await tellOf(given.out, file);
  }
  tell(`Profiles and flame graphs: ${given.out}`);
  return code;
}

process.exitCode = await main();
