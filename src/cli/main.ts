#!/usr/bin/env node
import { environment } from './environment.js';
import { lastWordsOf } from './last-words.js';
import { runCli } from './run-cli.js';

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0); // whoever read has had enough, as `head` does
});

// Node's own last words would show every property of the error, and the line that threw it.
process.on('uncaughtException', (error) => {
  // A handler keeps Node from writing the report that --report-uncaught-exception asks for.
  if (process.report.reportOnUncaughtException) process.report.writeReport(error);
  process.stderr.write(`${lastWordsOf(error)}\n`);
  process.exit(1);
});

process.exit(await runCli(process.argv.slice(2), environment));
