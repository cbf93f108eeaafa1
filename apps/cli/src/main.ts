#!/usr/bin/env node
import { enableCompileCache } from 'node:module';

// Before the imports that it is to make faster: they need not be compiled anew at every start.
enableCompileCache();
const { runCli } = await import('./cli.ts');

const code = await runCli(process.argv.slice(2));
// A result that did not get out has set it already.
process.exitCode ??= code;
