/**
 * A study of one large bf16 matrix with all default measures: seconds of every native operation, one thread, so that a share that has
 * grown too large is seen. The last line is the time beside that of the bare decompositions.
 *
 *   npm run bench -- measures [--size N] [--also IDS]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { StudyOptions } from '../../src-main/contract/study.ts';
import { Kernels } from '../../src-main/kernels/Kernels.ts';
import { Study } from '../../src-main/study/Study.ts';
import { writeCheckpoint } from '../fixtures/checkpoints.ts';
import { uniform } from '../fixtures/matrix.ts';

const { values: options } = parseArgs({
  options: { size: { type: 'string', default: '4096' }, also: { type: 'string', default: '' } },
});
const size = Number(options.size);
const NAME = 'model.layers.0.mlp.up_proj.weight';

/** Gaussian weights of scale 0.02 as bf16 codes, and the same after an isotropic update that moves about half of them. */
function models(): { base: Uint8Array; tuned: Uint8Array } {
  const next = uniform(1);
  const normal = (): number => Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next());
  const float = new Float32Array(1);
  const bits = new Uint32Array(float.buffer);
  const code = (value: number): number => {
    float[0] = value;
    return ((bits[0] ?? 0) + 0x8000) >>> 16;
  };
  const [base, tuned] = [new Uint16Array(size * size), new Uint16Array(size * size)];
  for (let i = 0; i < base.length; i++) {
    const w = 0.02 * normal();
    base[i] = code(w);
    tuned[i] = code(w + 5e-5 * normal());
  }
  return { base: new Uint8Array(base.buffer), tuned: new Uint8Array(tuned.buffer) };
}

/** Wall seconds and calls by operation. */
const spent = new Map<string, { seconds: number; calls: number }>();

function timed(kernels: Kernels): void {
  for (const name of [
    'contentHash',
    'exponentHistogram',
    'elementPass',
    'svd',
    'principalAngles',
    'frameEnergy',
    'maskOverlap',
  ] as const) {
    const plain = kernels[name].bind(kernels) as (...args: unknown[]) => Promise<unknown>;
    const wrapped = async (...args: unknown[]): Promise<unknown> => {
      const request = args[0] as { top?: number; middle?: number; minus?: unknown };
      const kind =
        name !== 'svd'
          ? ''
          : request.minus === undefined
            ? `, top ${String(request.top)}, middle ${String(request.middle ?? 0)}`
            : ' of the update';
      const start = performance.now();
      try {
        return await plain(...args);
      } finally {
        const known = spent.get(name + kind) ?? { seconds: 0, calls: 0 };
        spent.set(name + kind, {
          seconds: known.seconds + (performance.now() - start) / 1000,
          calls: known.calls + 1,
        });
      }
    };
    Object.defineProperty(kernels, name, { value: wrapped });
  }
}

const folder = mkdtempSync(join(tmpdir(), 'polarimeter-measures-'));
try {
  const { base, tuned } = models();
  const write = (label: string, data: Uint8Array): string =>
    writeCheckpoint(join(folder, label), {
      tensors: [{ name: NAME, dtype: 'BF16', shape: [size, size], data }],
    });
  const also = options.also.split(',').filter(Boolean);
  using study = Study.create(join(folder, 'study'), {
    schema: 'polarimeter.study/1',
    name: 'measures',
    base: { path: write('base', base) },
    variants: [
      {
        label: 'tuned',
        role: 'rl',
        path: write('tuned', tuned),
        from: 'base',
        adapterBase: null,
        run: null,
        step: null,
      },
    ],
    options: StudyOptions.parse({ also }),
    notes: [],
  });
  using kernels = new Kernels({ threads: 1 });
  timed(kernels);
  const start = performance.now();
  await study.run(kernels, { limits: { memoryBytes: 8 * 2 ** 30, threads: 1 } });
  const total = (performance.now() - start) / 1000;
  console.log(
    `${cpus()[0]?.model ?? ''}; ${String(size)} x ${String(size)} bf16, one thread, all default measures`,
  );
  for (const [name, { seconds, calls }] of [...spent].sort((a, b) => b[1].seconds - a[1].seconds)) {
    const share = `${((100 * seconds) / total).toFixed(1)} %`;
    console.log(
      `${name.padEnd(40)} ${String(calls).padStart(3)} x ${seconds.toFixed(2).padStart(8)} s ${share.padStart(8)}`,
    );
  }
  const apart = total - [...spent.values()].reduce((sum, { seconds }) => sum + seconds, 0);
  console.log(
    `${'all, of which outside of native code'.padEnd(40)}       ${total.toFixed(2).padStart(8)} s, ${apart.toFixed(2)} s`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
