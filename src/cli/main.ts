#!/usr/bin/env node
import { runCli } from './run-cli.js';

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0); // whoever read has had enough, as `head` does
});

process.exit(await runCli(process.argv.slice(2)));
