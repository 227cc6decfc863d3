/** A process that runs a sweep until it is killed. */
import { Sweep } from '../../src-main/experiments/Sweep.ts';
import { fakeServices, sweepOf } from './fakeServices.ts';

const [, , folder = ''] = process.argv;
const services = fakeServices({ skill: () => 20, batchMillis: 20 });
const grid = [
  { kind: 'restore', directions: [4, 16] },
  { kind: 'reset-layers', shares: [1 / 3] },
];
using sweep = Sweep.create(folder, sweepOf({ grid }), services);
await sweep.run(services);
