import { readFileSync } from 'node:fs';
import { freemem } from 'node:os';
import process from 'node:process';
import type { ModelConfig } from '../../contract/checkpoint.ts';
import { PolarimeterError } from '../../contract/errors.ts';
import { formatBytes } from '../../contract/units.ts';

/** What llama.cpp needs beside weights and cache. */
const OVERHEAD = 128 * 2 ** 20;
const FLOAT32 = 4;

/** Tokens that a context holds. */
export interface ContextSize {
  readonly lanes: number;
  /** Of each lane. */
  readonly tokens: number;
  /** Read in one go. */
  readonly batch: number;
}

/** Sizes of a model, as far as its configuration tells them. */
function sizesOf(config: ModelConfig | null) {
  const hidden = config?.hiddenSize ?? 0;
  const heads = config?.attentionHeads ?? 1;
  return {
    hidden,
    heads,
    layers: config?.layers ?? 0,
    keyWidth: (config?.keyValueHeads ?? heads) * (config?.headDim ?? hidden / heads),
  };
}

/** Keys and values in float32 of every layer and token, and the logits and activations of one reading. */
export function contextBytes(config: ModelConfig | null, { lanes, tokens, batch }: ContextSize): number {
  const { hidden, heads, layers, keyWidth } = sizesOf(config);
  const cache = 2 * layers * keyWidth * lanes * tokens;
  const logits = (config?.vocabularySize ?? 0) * lanes;
  const activations = batch * (4 * hidden + 3 * (config?.intermediateSize ?? 0) + heads * tokens);
  return FLOAT32 * (cache + logits + activations);
}

/** fails model-too-large */
export function checkMemory(
  what: { readonly weights: number; readonly context: number },
  free: number,
): void {
  const need = what.weights + what.context + OVERHEAD;
  if (need <= free) return;
  const parts = `${formatBytes(what.weights)} of weights, ${formatBytes(what.context)} of context, ${formatBytes(OVERHEAD)} besides`;
  throw new PolarimeterError(
    'model-too-large',
    `the converted model needs ${formatBytes(need)} of memory (${parts}), ${formatBytes(free)} are free`,
  );
}

/** Memory that this process can still take: of the machine, and of its control group where that is less. Caches of files give way. */
export function freeMemory(read: (path: string) => string | null = readIfThere): number {
  const meminfo = /^MemAvailable:\s+(\d+) kB/m.exec(read('/proc/meminfo') ?? '')?.[1];
  const machine = meminfo === undefined ? freemem() : Number(meminfo) * 1024;
  return Math.min(machine, groupFree(read) ?? Infinity);
}

function groupFree(read: (path: string) => string | null): number | null {
  const [limit, used, stat] = [
    ['/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory/memory.limit_in_bytes'],
    ['/sys/fs/cgroup/memory.current', '/sys/fs/cgroup/memory/memory.usage_in_bytes'],
    ['/sys/fs/cgroup/memory.stat', '/sys/fs/cgroup/memory/memory.stat'],
  ].map((paths) => paths.map(read).find((text) => text !== null) ?? '');
  const most = Number.parseInt(limit ?? '', 10);
  const now = Number.parseInt(used ?? '', 10);
  if (Number.isNaN(most) || Number.isNaN(now)) return null;
  const cached = [...(stat ?? '').matchAll(/^(?:total_)?(?:in)?active_file (\d+)$/gm)];
  // Version 1 tells both its own and the total: the larger counts.
  const own = sum(cached.filter(([line]) => !line.startsWith('total_')));
  return most - now + Math.max(own, sum(cached.filter(([line]) => line.startsWith('total_'))));
}

const sum = (matches: readonly RegExpMatchArray[]): number =>
  matches.reduce((total, match) => total + Number(match[1]), 0);

function readIfThere(path: string): string | null {
  if (process.platform !== 'linux') return null;
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
