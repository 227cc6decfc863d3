/**
 * What a recipe of a sweep costs: computing its tensors and patching them into the model that lies there, against writing it as a checkpoint
 * and converting that; seconds and bytes written, with the peak of memory that no file backs.
 *
 *   npm run bench -- sweepCost [--hidden N] [--layers N] [--memory BYTES]
 */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { EvaluatorChoice, GenerationSettings } from '../../src-main/contract/evaluator.ts';
import { Recipe } from '../../src-main/contract/recipe.ts';
import { formatBytes } from '../../src-main/contract/units.ts';
import { writeCheckpoint } from '../../src-main/exports/writeCheckpoint.ts';
import { openBench } from '../../src-main/inference/openBench.ts';
import { Kernels } from '../../src-main/kernels/Kernels.ts';
import { MemoryBudget } from '../../src-main/kernels/MemoryBudget.ts';
import { makeTensors } from '../../src-main/recipes/makeTensors.ts';
import { openModel, openRecipe } from '../../src-main/recipes/openModel.ts';
import { roughLlama } from '../fixtures/roughLlama.ts';

const { values: options } = parseArgs({
  options: {
    hidden: { type: 'string', default: '512' },
    layers: { type: 'string', default: '12' },
    memory: { type: 'string', default: String(2 ** 30) },
  },
});

const home = mkdtempSync(join(tmpdir(), 'polarimeter-sweep-cost-'));
process.env['POLARIMETER_WORK'] = join(home, 'work');

const hidden = Number(options.hidden);
const shape = { hidden, intermediate: Math.round(2.75 * hidden), layers: Number(options.layers) };
const target = openModel(roughLlama(join(home, 'target'), shape, 1));
const donor = roughLlama(join(home, 'donor'), shape, 2);

const EDITS: Readonly<Record<string, unknown>> = {
  'first quarter of the layers': {
    edit: 'take',
    from: 'donor',
    tensors: { layers: [`0-${String(shape.layers / 4 - 1)}`] },
  },
  'top 16 directions of q_proj': {
    edit: 'restore',
    from: 'donor',
    top: 16,
    values: 'target',
    tensors: { modules: ['q_proj'] },
  },
  'top 16 directions everywhere': { edit: 'restore', from: 'donor', top: 16, values: 'target' },
  'half way to the donor': { edit: 'interpolate', to: 'donor', amount: 0.5 },
};

const recipeOf = (name: string): Recipe =>
  Recipe.parse({
    schema: 'polarimeter.recipe/1',
    name,
    target: 'target',
    inputs: { target: { path: target.path }, donor: { path: donor } },
    edits: [EDITS[name]],
  });

const timed = async <T>(step: () => Promise<T>): Promise<[T, number]> => {
  const start = performance.now();
  return [await step(), (performance.now() - start) / 1000];
};

const seconds = (value: number): string => `${value.toFixed(2)} s`.padStart(9);
const bytes = (value: number): string => formatBytes(value).padStart(9);

/** The largest resident memory of this process so far, file pages included; null where the system does not tell. */
function peakResident(): number | null {
  const match = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'));
  return match ? Number(match[1]) * 1024 : null;
}

let peakAnonymous = 0;
const sampler = setInterval(() => {
  const match = /^RssAnon:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'));
  peakAnonymous = Math.max(peakAnonymous, match ? Number(match[1]) * 1024 : 0);
}, 20);

const { signal } = new AbortController();

try {
  using kernels = new Kernels({});
  const choice = EvaluatorChoice.parse({ kind: 'embedded' });
  if (choice.kind !== 'embedded') throw new Error('the embedded evaluator is benchmarked');
  const settings = GenerationSettings.parse({ maxTokens: 16, batch: 4 });
  const folder = join(home, 'bench');
  const open = () => openBench(target, { choice, settings, folder, kernels });
  const budget = new MemoryBudget(Number(options.memory));
  const [bench, opening] = await timed(open);
  console.log(
    `model ${formatBytes(target.bytes)}, converted once in ${opening.toFixed(2)} s; budget ${formatBytes(budget.capacity)}\n`,
  );
  console.log(
    `${'recipe'.padEnd(30)} ${'made'.padStart(20)} ${'patched'.padStart(20)} ${'full checkpoint'.padStart(20)}  patching writes`,
  );
  for (const name of Object.keys(EDITS)) {
    const recipe = recipeOf(name);
    const checkpoint = openRecipe(recipe, home);
    const make = () => makeTensors(checkpoint, kernels, { budget });
    const [made, making] = await timed(make);
    const madeBytes = made.reduce((sum, each) => sum + (each.taken ? 0 : each.bytes), 0);
    const loaded = await bench.load(checkpoint, {});
    const { patched } = loaded;
    await loaded[Symbol.asyncDispose]();
    const out = join(home, 'written');
    const [written, writing] = await timed(() =>
      writeCheckpoint(checkpoint, out, { kernels, signal, recipe: { recipe, folder: home, make } }),
    );
    const full = written.files.reduce((sum, file) => sum + statSync(join(out, file)).size, 0);
    rmSync(out, { recursive: true });
    const share = (100 * (madeBytes + patched.bytes)) / (2 * full);
    console.log(
      `${name.padEnd(30)} ${seconds(making)} ${bytes(madeBytes)}  ${seconds(patched.seconds)} ${bytes(patched.bytes)}  ${seconds(writing)} ${bytes(full)}  ${share.toFixed(0)} % of a checkpoint and its conversion`,
    );
  }
  await bench[Symbol.asyncDispose]();
  const resident = peakResident();
  console.log(
    `\npeak: workspace ${formatBytes(budget.peak)} of ${formatBytes(budget.capacity)}, anonymous ${formatBytes(peakAnonymous)}${resident === null ? '' : `, resident with mapped files ${formatBytes(resident)}`}`,
  );
} finally {
  clearInterval(sampler);
  rmSync(home, { recursive: true, force: true });
}
