/**
 * A study of 50 000 tensors (a mixture of experts) with eight variants, its results planted in the store: how long the map of a measure takes,
 * how large it is, and how long it holds up everything else in the process; the rows of the same tensors beside it.
 *
 *   npm run bench -- manyTensors [--folder DIR] [--experts 345] [--rows]
 *
 * The folder, of about 300 MB, is made once; `polarimeter serve DIR/study` shows the same study in a browser.
 */
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { formatBytes, formatMillis } from '../../src-main/contract/units.ts';
import { Study } from '../../src-main/study/Study.ts';
import { manyTensors, PLANTED } from '../fixtures/manyTensors.ts';

const { values: options } = parseArgs({
  options: {
    folder: { type: 'string', default: join(tmpdir(), 'polarimeter-many-tensors') },
    experts: { type: 'string', default: '345' },
    rows: { type: 'boolean', default: false },
  },
});

/** The longest time between two turns of the event loop while something is done. */
async function longestHold(work: Promise<unknown>): Promise<number> {
  let [isDone, longest] = [false, 0];
  const ended = work.finally(() => (isDone = true));
  for (let last = performance.now(); !isDone;) {
    await setImmediate();
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }
  await ended;
  return longest;
}

async function report(title: string, make: () => Promise<unknown>): Promise<void> {
  const start = performance.now();
  let size = 0;
  const hold = await longestHold(
    setImmediate()
      .then(make)
      .then(async (reply) => {
        await setImmediate();
        size = JSON.stringify(reply).length;
      }),
  );
  const wall = performance.now() - start;
  console.log(
    `${title.padEnd(56)} ${formatMillis(wall).padStart(8)}  holds ${formatMillis(hold).padStart(7)}  ${formatBytes(size)}`,
  );
}

const folder = join(options.folder, 'study');
if (!existsSync(folder)) manyTensors(options.folder, Number(options.experts));
using study = Study.open(folder);
const map = { per: [], module: [] };
for (const id of PLANTED) {
  await report(`map ${id}, modules of layers`, () => study.map({ ...map, measure: [id] }));
  await report(`map ${id}, one module of experts`, () =>
    study.map({ ...map, measure: [id], module: [study.modules.at(-1) ?? ''] }),
  );
}
if (options.rows)
  await report(`rows ${PLANTED[0]}, tensors`, () =>
    Promise.resolve(study.rows({ measure: [PLANTED[0]], level: ['tensor'] })),
  );
