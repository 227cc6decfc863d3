/**
 * Exact singular values and the top-128 subspace of a 4096 x 4096 bf16 matrix: seconds and residual on one line, beside NumPy, SciPy
 * and PyTorch where they are installed. One matrix at a time, BLAS on one thread for us and on all for the peers.
 *
 *   npm run bench -- svd [--size N] [--top K] [--repeats N] [--no-peers]
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openCheckpoint } from '../../src-main/checkpoint/openCheckpoint.ts';
import type { Decomposition } from '../../src-main/kernels/Decomposition.ts';
import { Kernels } from '../../src-main/kernels/Kernels.ts';
import type { SvdRequest } from '../../src-main/kernels/requests.ts';
import { decompositionFlops } from '../../src-main/study/cost.ts';
import { tensorSource } from '../../src-main/tensors/tensorSource.ts';
import { writeCheckpoint } from '../fixtures/checkpoints.ts';
import { uniform } from '../fixtures/matrix.ts';

const { values: options } = parseArgs({
  options: {
    size: { type: 'string', default: '4096' },
    top: { type: 'string', default: '128' },
    repeats: { type: 'string', default: '3' },
    'no-peers': { type: 'boolean', default: false },
  },
});
const [size, top, repeats] = [Number(options.size), Number(options.top), Number(options.repeats)];

/** Gaussian entries of scale 0.02 with a few strong directions: a flat bulk under a steep head, as in language models. */
function codes(): Uint8Array {
  const next = uniform(1);
  const normal = (): number => Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next());
  const spikes = Array.from({ length: 16 }, (_, i) => ({
    strength: 8 / (i + 1) / size,
    left: Float32Array.from({ length: size }, normal),
    right: Float32Array.from({ length: size }, normal),
  }));
  const float = new Float32Array(1);
  const bits = new Uint32Array(float.buffer);
  const out = new Uint16Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      let value = 0.02 * normal();
      for (const { strength, left, right } of spikes) value += strength * (left[i] ?? 0) * (right[j] ?? 0);
      float[0] = value;
      out[i * size + j] = (bits[0] ?? 0) >>> 16;
    }
  }
  return new Uint8Array(out.buffer);
}

const folder = mkdtempSync(join(tmpdir(), 'polarimeter-svd-'));
try {
  writeCheckpoint(folder, { tensors: [{ name: 'w', dtype: 'BF16', shape: [size, size], data: codes() }] });
  const [info] = openCheckpoint(folder).tensors;
  if (!info) throw new Error('no tensor');
  const tensor = tensorSource(info);
  using kernels = new Kernels({ threads: 1 });
  const { blas } = kernels.capabilities();
  console.log(
    `${cpus()[0]?.model ?? ''}, ${String(cpus().length)} cores; ${String(size)} x ${String(size)} bf16; ${'path' in blas ? `${blas.path} (${blas.core})` : blas.message}`,
  );
  const line = (name: string, seconds: number, error: number): void => {
    console.log(
      `${name.padEnd(58)} ${seconds.toFixed(2).padStart(8)} s   residual ${error.toExponential(1)}`,
    );
  };
  const ours = async (
    name: string,
    request: Omit<SvdRequest, 'tensor'>,
    error: (svd: Decomposition) => number,
  ): Promise<void> => {
    const runs: Decomposition[] = [];
    for (let i = 0; i < repeats; i++) {
      using svd = await kernels.svd({ ...request, tensor });
      runs.push(svd);
    }
    const median = runs.map(({ seconds }) => seconds).sort((a, b) => a - b)[repeats >> 1] ?? NaN;
    line(name, median, Math.max(...runs.map(error)));
    const gigaflops = decompositionFlops(size, size, request.top) / median / 1e9;
    console.log(`${''.padEnd(58)} ${gigaflops.toFixed(0).padStart(8)} GFLOP/s, median of ${String(repeats)}`);
  };
  await ours(
    'polarimeter svd_gram_f64, all values',
    { method: 'gram_f64', top: 0, bottom: 0 },
    (svd) => svd.traceError,
  );
  await ours(
    `polarimeter svd_gram_f64, all values + top ${String(top)}`,
    { method: 'gram_f64', top, bottom: 0 },
    (svd) => svd.residual,
  );
  if (!options['no-peers']) {
    const args = [
      join(import.meta.dirname, 'svd_peers.py'),
      info.file,
      String(info.offset),
      String(size),
      String(size),
      String(top),
    ];
    const { stdout, status, error } = spawnSync('python3', args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (error || status !== 0) console.log('peers: python3 with NumPy is not installed');
    for (const text of stdout.split('\n').filter(Boolean)) {
      const peer = JSON.parse(text) as { name: string; seconds: number; residual: number };
      line(peer.name, peer.seconds, peer.residual);
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
