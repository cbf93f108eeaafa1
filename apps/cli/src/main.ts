#!/usr/bin/env node
import { enableCompileCache } from 'node:module';

// Before the imports that it is to make faster: they need not be compiled anew at every start.
enableCompileCache();
const { runCli } = await import('./cli.ts');

process.exitCode = await runCli(process.argv.slice(2));
