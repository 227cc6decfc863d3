import type { Page } from '@playwright/test';
import type { LogLine } from '../../src-main/contract/runLog.ts';
import type { Progress, StageWork } from '../../src-main/contract/study.ts';

const work = (millis: number, mebibytes: number, gflop: number): StageWork => ({
  millis,
  tensors: 31,
  bytes: mebibytes * 2 ** 20,
  flops: gflop * 1e9,
});

/** A run as it stands at one moment, rates rising and falling before it. */
function progress(rate: number): Progress {
  return {
    state: 'running',
    done: 31,
    total: 56,
    cached: 4,
    skipped: 2,
    overBudget: 0,
    tensor: 'model.layers.3.mlp.down_proj.weight',
    stage: 'decompose',
    inFlight: ['model.layers.3.mlp.up_proj.weight', 'model.layers.3.mlp.down_proj.weight'],
    stages: {
      make: work(0, 0, 0),
      hash: work(420, 58, 0),
      elements: work(960, 126, 0),
      decompose: work(14_200, 61, 21.4),
      angles: work(6100, 0, 8.2),
      store: work(380, 0, 0),
    },
    bytesRead: 245 * 2 ** 20,
    bytesPerSecond: rate * 2.1e9,
    flopsPerSecond: rate * 38e9,
    millisElapsed: 23_000,
    millisLeft: 17_000,
    workspaceBytes: 312 * 2 ** 20,
    budgetBytes: 2 ** 30,
    anonymousBytes: 540 * 2 ** 20,
    runner: null,
    error: null,
  };
}

function line(second: number, event: LogLine['event'], rest: Partial<LogLine>): LogLine {
  const ts = `2026-01-01T09:41:${String(second).padStart(2, '0')}.000Z`;
  return { ts, level: 'info', event, tensor: null, millis: null, message: 'computed', ...rest };
}

const LOG: readonly LogLine[] = [
  line(0, 'started', { message: '56 tensors, 4 stored before; 1.00 GiB of memory, 8 threads' }),
  line(3, 'tensor', { tensor: 'model.layers.0.mlp.gate_proj.weight', millis: 1010 }),
  line(4, 'skipped', {
    level: 'warning',
    tensor: 'model.embed_tokens.weight',
    message: 'spectra: embeddings and the output head are left out',
  }),
  ...Array.from({ length: 12 }, (_, at) =>
    line(5 + at, 'tensor', {
      tensor: `model.layers.${String(1 + Math.floor(at / 6))}.self_attn.q_proj.weight`,
      millis: 400 + 37 * at,
    }),
  ),
];

/** Gives the page a run that stands still, in place of the engine's event stream. Call it before the study is opened. */
export async function frozenRun(page: Page): Promise<void> {
  const rates = [0.2, 0.7, 1, 0.85, 0.9, 0.6, 0.8];
  const events = [
    `event: log\ndata: ${JSON.stringify({ replay: true, lines: LOG })}\n\n`,
    ...rates.map((rate) => `event: progress\ndata: ${JSON.stringify(progress(rate))}\n\n`),
  ];
  await page.addInitScript((texts) => {
    const real = window.fetch.bind(window);
    const PAUSE_MILLIS = 600;
    window.fetch = (input, init) => {
      if (typeof input !== 'string' || !input.endsWith('/events')) return real(input, init);
      const encoder = new TextEncoder();
      let next = 0;
      const body = new ReadableStream<Uint8Array>({
        async pull(controller) {
          const text = texts[next++];
          // After the last one the stream stays open, and silent.
          if (text === undefined) await new Promise(() => undefined);
          else controller.enqueue(encoder.encode(text));
          if (next > 1) await new Promise((resolve) => setTimeout(resolve, PAUSE_MILLIS));
        },
      });
      return Promise.resolve(new Response(body, { headers: { 'content-type': 'text/event-stream' } }));
    };
  }, events);
}
