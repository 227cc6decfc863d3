import process from 'node:process';
import { Kernels } from '../../src-main/kernels/Kernels.ts';
import { benchOf, demoCheckpoint } from './demoBench.ts';

// Converts the base, begins to patch it into the SFT checkpoint, and is killed in the middle of the seventh weight.
const [folder = ''] = process.argv.slice(2);
const kernels = new Kernels();
const { dense } = kernels;
let written = Infinity;
const convert: typeof dense.convert = async (...args) => {
  const result = await dense.convert(...args);
  written -= 1;
  if (written === 0) process.kill(process.pid, 'SIGKILL');
  return result;
};
const dying = { dense: Object.assign(Object.create(dense) as typeof dense, { convert }) };
const bench = await benchOf(demoCheckpoint('base'), folder, { kernels: dying });
written = 7;
await bench.load(demoCheckpoint('sft/checkpoint-240'), {});
