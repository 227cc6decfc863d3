import { must } from '../base/assert.ts';
import { quoteName } from '../checkpoint/quoteName.ts';
import { DTYPE_BITS } from '../contract/checkpoint.ts';
import { PolarimeterError } from '../contract/errors.ts';
import type { DenseMatrix } from '../kernels/DenseMatrix.ts';
import type { MemoryBudget } from '../kernels/MemoryBudget.ts';
import { tensorSource } from '../tensors/tensorSource.ts';
import { chainBytes, followChain } from './followChain.ts';
import { MADE_OFFSET, writeMade, type Measured } from './madeTensorFile.ts';
import { matrixShape, type Run } from './placeInStored.ts';
import type { EditContext } from './edits/EditContext.ts';
import type { RecipeKernels } from './RecipeKernels.ts';
import type { PartPlan, TensorPlan } from './TensorPlan.ts';

interface MakeLimits {
  readonly budget: MemoryBudget;
  readonly signal: AbortSignal;
}

/** Squares of the norms of the parts of a tensor, and the worst of what is no norm. */
interface Sums {
  moved: number;
  rounding: number;
  productError: number | null;
}

/** Where the rows of a part go. */
interface Target {
  readonly path: string;
  readonly plan: TensorPlan;
}

/** The rows or columns of a run; null where they are all of the matrix. */
async function runOf(
  { dense, options }: EditContext,
  matrix: DenseMatrix,
  { of, from, to }: Run,
): Promise<DenseMatrix | null> {
  if (from === 0 && to === (of === 'rows' ? matrix.rows : matrix.cols)) return null;
  return of === 'rows'
    ? await dense.rowRange(matrix, from, to, options)
    : await dense.columnRange(matrix, from, to, options);
}

async function writeRun(
  context: EditContext,
  matrix: DenseMatrix,
  run: Run,
  { path, plan }: Target,
): Promise<number> {
  const { dense, options } = context;
  const width = must(DTYPE_BITS[plan.dtype], plan.dtype) / 8;
  const destination = { path, offset: MADE_OFFSET + run.start * width, dtype: plan.dtype };
  using part = await runOf(context, matrix, run);
  const written = await dense.write(part ?? matrix, destination, options);
  if (written.overflowed === 0) return written.rounding;
  const what = `${String(written.overflowed)} numbers of ${quoteName(plan.name)} are beyond the range of ${plan.dtype}`;
  throw new PolarimeterError('not-finite', what, plan.name);
}

/** A part that no edit changed goes into the file as it is read. */
async function copyPart(context: EditContext, { chain, runs }: PartPlan, target: Target): Promise<number> {
  using matrix = await context.dense.read(tensorSource(chain.from), context.options);
  let square = 0;
  for (const run of runs) square += (await writeRun(context, matrix, run, target)) ** 2;
  return square;
}

async function makePart(context: EditContext, part: PartPlan, target: Target, sums: Sums): Promise<void> {
  const { dense, options } = context;
  const isOriginal = part.chain.steps.length === 0 && !part.chain.taken;
  if (isOriginal) {
    sums.rounding += await copyPart(context, part, target);
    return;
  }
  const { matrix, productError } = await followChain(context, part.chain);
  using made = matrix;
  if (productError !== null) sums.productError = Math.max(sums.productError ?? 0, productError);
  for (const run of part.runs) sums.rounding += (await writeRun(context, made, run, target)) ** 2;
  using original = await dense.read(tensorSource(part.original), options);
  await dense.add(made, -1, original, options);
  sums.moved += (await dense.norm(made, options)) ** 2;
}

/** The most that any part of a tensor needs at once. */
function workspaceOf({ parts }: TensorPlan, kernels: RecipeKernels): number {
  return Math.max(
    ...parts.map(({ chain, original }) => chainBytes(chain, matrixShape(original), kernels.dense)),
  );
}

/** Files that go in stay open, in the state in which their headers were read. Made ones may have been made since. */
function holdFiles({ files }: TensorPlan, kernels: RecipeKernels): Disposable {
  using stack = new DisposableStack();
  for (const [path, state] of files) stack.use(kernels.files.acquire(path, state ?? undefined));
  return stack.move();
}

/**
 * Computes one tensor into its file. Fails with `memory-budget` when it could never fit, with `not-finite` when a number is too large for its
 * element type, and as reading and writing do.
 */
export async function makeTensor(
  plan: TensorPlan,
  kernels: RecipeKernels,
  { budget, signal }: MakeLimits,
): Promise<Measured> {
  using _workspace = await budget.reserve(workspaceOf(plan, kernels), plan.name);
  signal.throwIfAborted();
  using _files = holdFiles(plan, kernels);
  return await writeMade(plan, async (path) => {
    const sums: Sums = { moved: 0, rounding: 0, productError: null };
    for (const part of plan.parts) {
      const context = { dense: kernels.dense, options: { signal }, tensor: part.name };
      await makePart(context, part, { path, plan }, sums);
    }
    return {
      moved: Math.sqrt(sums.moved),
      rounding: Math.sqrt(sums.rounding),
      productError: sums.productError,
    };
  });
}
