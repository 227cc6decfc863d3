import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { node24, node24Environment } from './node24.mjs';
import { inRoot } from './paths.mjs';
import { runCommand } from './runCommand.mjs';
import { tally, tallyStatic } from './tally.mjs';

/** Runs a program of node_modules under Node 24. */
export function runTool(program, args, extra = {}) {
  return runCommand(node24(), [inRoot('node_modules', program), ...args], { env: node24Environment(extra) });
}

/** Every C++ file of ours, relative to the root. */
export function nativeSources() {
  return readdirSync(inRoot('native'), { recursive: true })
    .filter((path) => /\.(cpp|h)$/.test(path))
    .map((path) => join('native', path))
    .sort();
}

const check = (name, run) => ({ name, run });

/** A check whose subject does not exist is neither passed nor failed. */
const nothingThere = (reason) => ({ tally: tally(0, 0, 1, [reason]), output: '' });

async function judged(result) {
  const { code, output } = await result;
  return { tally: tallyStatic(code), output };
}

/** What runs in Node, and what runs in or talks about a browser, see different globals. */
const TYPE_PROJECTS = ['.', 'test/e2e', 'test/visual', 'test/renderer'];

async function checkTypes() {
  const projects = TYPE_PROJECTS.filter((folder) => folder === '.' || hasTypeScript(folder));
  const results = [];
  for (const folder of projects) {
    results.push(await runTool('typescript/bin/tsc', ['--noEmit', '-p', folder]));
  }
  return {
    code: results.some((result) => result.code !== 0) ? 1 : 0,
    output: results.map((result) => result.output).join(''),
  };
}

const hasTypeScript = (folder) =>
  existsSync(inRoot(folder)) &&
  readdirSync(inRoot(folder), { recursive: true }).some((path) => path.endsWith('.ts'));

/** The checks that run nothing of ours. Each counts as one test. */
export const STATIC_CHECKS = [
  check('types', () => judged(checkTypes())),
  check('svelte', () =>
    existsSync(inRoot('src-renderer', 'tsconfig.json'))
      ? judged(
          runTool('svelte-check/bin/svelte-check', [
            '--tsconfig',
            'src-renderer/tsconfig.json',
            '--fail-on-warnings',
            '--output',
            'human',
          ]),
        )
      : nothingThere('svelte-check: there is no src-renderer/tsconfig.json'),
  ),
  check('eslint', () => judged(runTool('eslint/bin/eslint.js', ['--max-warnings=0', '.']))),
  check('prettier', () => judged(runTool('prettier/bin/prettier.cjs', ['--check', '--log-level=warn', '.']))),
  check('clang-format', () =>
    judged(runCommand('clang-format', ['--dry-run', '-Werror', ...nativeSources()])),
  ),
];
