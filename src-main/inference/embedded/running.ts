import { PolarimeterError } from '../../contract/errors.ts';

/** Runs a step of llama.cpp; what it throws is its failure and not ours. fails inference-failed model-too-large */
export async function running<T>(what: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof PolarimeterError || !(error instanceof Error)) throw error;
    const code =
      /insufficient memory|not enough (memory|v?ram)|too large for the available|out of memory/i.test(
        `${error.name} ${error.message}`,
      )
        ? 'model-too-large'
        : 'inference-failed';
    throw new PolarimeterError(code, `${what}: ${error.message}`);
  }
}

export function checkCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new PolarimeterError('cancelled', 'cancelled');
}
