import { performance } from 'node:perf_hooks';
import type { LlamaModel } from 'node-llama-cpp';
import { must } from '../../base/assert.ts';
import { createContext } from './createContext.ts';

const STEPS = 5;
/** More threads must be worth it: they take cores from others. */
const GAIN = 0.9;

/**
 * How many threads take a step in the least time on this machine, now: doubled as long as that is faster. On a busy machine threads that
 * wait for each other can be a hundred times slower than one. What is computed does not depend on it.
 */
export async function bestThreads(model: LlamaModel, cores: number): Promise<number> {
  let best = 1;
  let seconds = await stepMillis(model, 1);
  for (let threads = 2; threads <= cores; threads = Math.min(2 * threads, cores)) {
    const time = await stepMillis(model, threads);
    if (time > seconds * GAIN) break;
    [best, seconds] = [threads, time];
    if (threads === cores) break;
  }
  return best;
}

/** The median of some steps, after one that warms up. */
async function stepMillis(model: LlamaModel, threads: number): Promise<number> {
  const context = await createContext(model, { lanes: 1, tokens: 2 * STEPS, threads });
  try {
    const sequence = context.getSequence();
    const token = must(
      [...model.tokenize('1'), model.tokens.bos, model.tokens.eos][0],
      'a vocabulary has a token',
    );
    const times: number[] = [];
    for (let step = 0; step <= STEPS; step++) {
      const start = performance.now();
      await sequence.evaluateWithoutGeneratingNewTokens([token]);
      times.push(performance.now() - start);
    }
    return must(times.slice(1).sort((a, b) => a - b)[Math.floor(STEPS / 2)], 'some steps were taken');
  } finally {
    await context.dispose();
  }
}
