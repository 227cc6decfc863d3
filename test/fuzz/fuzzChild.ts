import { fuzz } from './fuzz.ts';
import type { FuzzOptions } from './fuzz.ts';
import { FUZZ_TARGETS } from './fuzzTargets.ts';

// The process that fuzzProcess.ts starts: a parser and its options in, a report out.
const [name, options = '{}'] = process.argv.slice(2);
const target = FUZZ_TARGETS.find((each) => each.name === name);
if (!target) throw new Error('no such parser');
process.stdout.write(JSON.stringify(fuzz(target, JSON.parse(options) as FuzzOptions)));
