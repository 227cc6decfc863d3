import { expect, it } from 'vitest';
import { toModelConfig } from '../../src-main/checkpoint/readModelConfig.ts';
import { checkMemory, contextBytes, freeMemory } from '../../src-main/inference/embedded/memory.ts';
import { caught } from '../fixtures/caught.ts';

const GIB = 2 ** 30;
const MIB = 2 ** 20;

const machine = (files: Readonly<Record<string, string>>) => (path: string) => files[path] ?? null;

it('a context holds keys and values of every layer in float32, for every lane and token', () => {
  const llama8b = toModelConfig({
    num_hidden_layers: 32,
    hidden_size: 4096,
    num_attention_heads: 32,
    num_key_value_heads: 8,
    vocab_size: 0,
    intermediate_size: 0,
  });
  const of = (lanes: number, tokens: number) => contextBytes(llama8b, { lanes, tokens, batch: 0 });
  // 2 x 32 layers x 8 heads x 128 x 4 bytes = 256 KiB for a token.
  expect(of(1, 1)).toBe(256 * 1024);
  expect(of(16, 4096)).toBe(16 * GIB);
  expect(contextBytes(null, { lanes: 4, tokens: 100, batch: 0 })).toBe(0);
});

it('a model that does not fit is told with its numbers', () => {
  expect(() => checkMemory({ weights: 2 * GIB, context: GIB }, 4 * GIB)).not.toThrow();
  const error = caught(() => checkMemory({ weights: 2 * GIB, context: GIB }, 3 * GIB));
  expect([error.code, error.message]).toEqual([
    'model-too-large',
    'the converted model needs 3.13 GiB of memory (2.00 GiB of weights, 1.00 GiB of context, 128 MiB besides), 3.00 GiB are free',
  ]);
});

const available = { '/proc/meminfo': 'MemTotal: 9999 kB\nMemAvailable:    8388608 kB\n' };

it.each([
  ['of the machine', available, 8 * GIB],
  [
    'without a limit',
    { ...available, '/sys/fs/cgroup/memory.max': 'max\n', '/sys/fs/cgroup/memory.current': '1\n' },
    8 * GIB,
  ],
  [
    'of a control group, where caches of files give way',
    {
      ...available,
      '/sys/fs/cgroup/memory.max': String(2 * GIB),
      '/sys/fs/cgroup/memory.current': String(1.5 * GIB),
      '/sys/fs/cgroup/memory.stat': `anon 7\ninactive_file ${String(300 * MIB)}\nactive_file ${String(200 * MIB)}\n`,
    },
    0.5 * GIB + 500 * MIB,
  ],
  [
    'of a control group of the older kind',
    {
      ...available,
      '/sys/fs/cgroup/memory/memory.limit_in_bytes': String(GIB),
      '/sys/fs/cgroup/memory/memory.usage_in_bytes': String(0.75 * GIB),
      '/sys/fs/cgroup/memory/memory.stat':
        'inactive_file 100\ntotal_inactive_file 300\ntotal_active_file 4\n',
    },
    0.25 * GIB + 304,
  ],
])('free memory is that %s', (_title, files, expected) => {
  expect(freeMemory(machine(files))).toBe(expected);
});

it('free memory of this machine is some', () => {
  expect(freeMemory()).toBeGreaterThan(MIB);
});
