import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { setTimeout as delay } from 'node:timers/promises';
import { Kernels } from '../../src-main/kernels/Kernels.ts';
import { loadAddon } from '../../src-main/kernels/loadAddon.ts';
import type { StoredSource } from '../../src-main/tensors/tensorSource.ts';

/** Ways in which a thread or a process ends around the addon. Usage: node lifetimeScenario.ts SCENARIO FILE SIDE */
const [scenario = '', path = '', side = '0'] = process.argv.slice(2);
const tensor: StoredSource = {
  name: 'w',
  path,
  offset: 0,
  dtype: 'F32',
  rows: Number(side),
  cols: Number(side),
};

function longJob(): Promise<unknown> {
  const kernels = new Kernels();
  return kernels.svd({ method: 'direct_f64', tensor, top: 9, bottom: 0 });
}

function worker(): Worker {
  return new Worker(new URL(import.meta.url), { argv: process.argv.slice(2) });
}

/** A worker_thread that has a job in flight when the promise resolves. */
async function busyWorker(): Promise<{ thread: Worker; exited: Promise<unknown> }> {
  const thread = worker();
  const exited = new Promise((resolve) => thread.once('exit', resolve));
  await new Promise((resolve) => thread.once('message', resolve));
  await delay(30 * Math.random());
  return { thread, exited };
}

/** Starts, cancels, refuses and releases without end: whatever the thread's end interrupts, it is one of these. */
function storm(): void {
  const addon = loadAddon();
  const w = { file: addon.open_file(path, 'auto'), offset: 0, dtype: 'F32' as const, rows: 20_000, cols: 4 };
  let started = 0;
  const next = () => {
    started += 1;
    if (started === 50) parentPort?.postMessage('busy');
    const job = addon.start_content_hash({ w }, next);
    if (started % 3 === 0) addon.cancel_job(job);
    addon.start_svd({ method: 'gram_f64', w, top: 4, bottom: 0 }, (end) => {
      if (end.status === 'ok' && started % 2 === 0) addon.release_svd(end.result.svd);
    });
    for (let i = 0; i < 200; ++i) {
      try {
        addon.close_file(i as never);
      } catch {
        continue;
      }
    }
  };
  for (let i = 0; i < 8; ++i) next();
}

/** What a worker_thread of this script does: starts jobs, says so, and waits for its fate. */
async function work(): Promise<void> {
  if (scenario === 'worker-storm') {
    storm();
    return;
  }
  const jobs = [longJob(), longJob(), longJob()];
  parentPort?.postMessage('busy');
  if (scenario === 'worker-exits') {
    await delay(60);
    process.exit(0);
  }
  await Promise.allSettled(jobs);
}

const SCENARIOS: Record<string, () => Promise<void>> = {
  /** The addon is loaded and has worked; nothing is pending. */
  idle: async () => {
    const kernels = new Kernels();
    await kernels.contentHash(tensor);
    console.log('ended');
  },
  /** Nothing but a pending job keeps the process alive. */
  pending: async () => {
    void longJob().then(() => {
      console.log('ended');
    });
    await Promise.resolve();
  },
  /** A cancelled job whose step is still running. */
  cancelled: async () => {
    const controller = new AbortController();
    const promise = new Kernels().svd(
      { method: 'direct_f64', tensor, top: 9, bottom: 0 },
      { signal: controller.signal },
    );
    await delay(30);
    controller.abort();
    await promise.catch((error: unknown) => {
      console.log((error as { code: string }).code);
    });
  },
  exit: async () => {
    void longJob();
    await delay(30);
    console.log('leaving');
    process.exit(7);
  },
  throw: async () => {
    void longJob();
    await delay(30);
    throw new Error('nobody catches this');
  },
  'worker-exits': async () => {
    for (let round = 0; round < 3; ++round) await (await busyWorker()).exited;
    console.log('ended');
  },
  'worker-terminated': async () => {
    for (let round = 0; round < 3; ++round) {
      const { thread, exited } = await busyWorker();
      await thread.terminate();
      await exited;
    }
    console.log('ended');
  },
  'worker-storm': async () => {
    for (let round = 0; round < 8; ++round) {
      const threads = await Promise.all([busyWorker(), busyWorker()]);
      for (const { thread } of threads) await thread.terminate();
    }
    console.log('ended');
  },
  /** The only environment that loaded the addon goes, while its jobs still run. */
  'worker-gone-main-lives': async () => {
    const { thread, exited } = await busyWorker();
    await thread.terminate();
    await exited;
    await delay(1500);
    console.log('ended');
  },
};

await (isMainThread ? SCENARIOS[scenario]?.() : work());
