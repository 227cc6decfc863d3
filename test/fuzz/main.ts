import { parseArgs } from 'node:util';
import { fuzzProcess } from './fuzzProcess.ts';
import { FUZZ_TARGETS } from './fuzzTargets.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    keep: { type: 'boolean', default: false },
  },
});
const names = FUZZ_TARGETS.map(({ name }) => name);
const wrong = positionals.filter((name) => !names.includes(name));
const options = { seconds: 60 * Number(values.minutes), seed: Number(values.seed), keep: values.keep };
const isUsable =
  positionals.length > 0 && wrong.length === 0 && options.seconds > 0 && Number.isInteger(options.seed);

// npm run fuzz -- PARSER... [--minutes N] [--seed N] [--keep]
if (!isUsable) {
  process.stdout.write('Type: npm run fuzz -- PARSER... [--minutes N] [--seed N] [--keep]\n');
  process.stdout.write(`Parsers:\n${names.map((name) => `  ${name}\n`).join('')}`);
  process.exitCode = positionals.length === 0 ? 0 : 2;
} else {
  for (const name of positionals) {
    const { runs, covered, interesting, failures } = await fuzzProcess(name, options);
    const reached = `${String(interesting)} inputs that reach something new, ${String(covered)} characters of sources`;
    process.stdout.write(`${name}: ${String(runs)} runs, ${reached}, ${String(failures.length)} failures\n`);
    for (const { path, problem } of failures) process.stdout.write(`  ${path}\n    ${problem}\n`);
    if (failures.length > 0) process.exitCode = 1;
  }
}
