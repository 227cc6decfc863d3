/**
 * Makes every kind of edit of the demo's checkpoints and compares what was written with an independent float64 program (recipes.py: NumPy,
 * nothing shared): as bfloat16, number by number, and from a float64 copy of the target, where no rounding hides a difference.
 *
 *   npm run bench -- recipes [TEXT]
 *
 * With TEXT only the recipes in whose name it is. Needs python3 with NumPy.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { projectRoot } from '../../src-main/api/projectRoot.ts';
import { Recipe } from '../../src-main/contract/recipe.ts';
import { writeCheckpoint as writeModel } from '../../src-main/exports/writeCheckpoint.ts';
import { Kernels } from '../../src-main/kernels/Kernels.ts';
import { MemoryBudget } from '../../src-main/kernels/MemoryBudget.ts';
import { makeTensors } from '../../src-main/recipes/makeTensors.ts';
import { openModel, openRecipe } from '../../src-main/recipes/openModel.ts';
import { writeCheckpoint } from '../fixtures/checkpoints.ts';
import { readModel } from '../fixtures/recipeModels.ts';

const demo = (...names: string[]): string => join(projectRoot(), 'resources', 'demo', ...names);
const BASE = demo('base');
const TARGET = demo('sft', 'checkpoint-240');
const RL = demo('rl-seed1', 'checkpoint-300');
const CASES = z
  .record(z.string(), z.array(z.unknown()))
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, 'recipes.json'), 'utf8')));

/** The target in float64, every number `by` larger. */
function widened(folder: string, by: number): string {
  const { tensors } = openModel(TARGET);
  const values = readModel({ tensors });
  return writeCheckpoint(folder, {
    config: JSON.parse(readFileSync(join(TARGET, 'config.json'), 'utf8')) as Record<string, unknown>,
    tensors: tensors.map(({ name, shape }) => ({
      name,
      dtype: 'F64',
      shape,
      data: (values.get(name)?.values ?? new Float64Array()).map((value) => value + by),
    })),
  });
}

const home = mkdtempSync(join(tmpdir(), 'polarimeter-recipes-'));
process.env['POLARIMETER_WORK'] = join(home, 'work');
try {
  using kernels = new Kernels({ threads: availableParallelism() });
  const budget = new MemoryBudget(2 ** 28);
  const { signal } = new AbortController();
  const common = { base: BASE, rl: RL, apart: widened(join(home, 'apart'), 1) };
  const targets = { stored: TARGET, wide: widened(join(home, 'wide'), 0) };

  const make = async (edits: readonly unknown[], target: string, out: string) => {
    const inputs = Object.entries({ target, ...common }).map(([name, path]) => [name, { path }]);
    const fields = { name: 'case', target: 'target', inputs: Object.fromEntries(inputs) as unknown, edits };
    const recipe = Recipe.parse({ schema: 'polarimeter.recipe/1', seed: 20, ...fields });
    const checkpoint = openRecipe(recipe, home);
    const made = await makeTensors(checkpoint, kernels, { budget });
    await writeModel(checkpoint, out, { kernels, signal });
    return { out, made };
  };

  const cases: unknown[] = [];
  const asked = Object.entries(CASES).filter(([name]) => name.includes(process.argv[2] ?? ''));
  for (const [i, [name, edits]] of asked.entries()) {
    const stored = await make(edits, targets.stored, join(home, `stored-${String(i)}`));
    const wide = await make(edits, targets.wide, join(home, `wide-${String(i)}`));
    cases.push({ name, edits, stored, wide });
  }
  const file = join(home, 'cases.json');
  writeFileSync(file, JSON.stringify({ inputs: { ...common, ...targets }, cases }));
  const run = spawnSync('python3', [join(import.meta.dirname, 'recipes.py'), file], { stdio: 'inherit' });
  if (run.error) throw run.error;
  process.exitCode = run.status ?? 1;
} finally {
  rmSync(home, { recursive: true, force: true });
}
