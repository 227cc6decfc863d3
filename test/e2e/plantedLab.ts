import type { Page } from '@playwright/test';
import type { LabView, SweepDocument } from '../../src-main/contract/sweep.ts';
import { finishedSweepDocument } from '../fixtures/sweepDocument.ts';

const MODELS = [
  ['base', 'base'],
  ['sft-peak', 'sft'],
  ['sft', 'sft'],
  ['sft-low-lr', 'sft'],
  ['rl-seed1', 'rl'],
  ['rl-seed2', 'rl'],
  ['rl-high-lr', 'rl'],
] as const;

const probe = (name: string, kind: 'id' | 'ood') => ({
  name,
  kind,
  path: `/study/probes/${name}.jsonl`,
  limit: null,
  problems: 600,
});

/** What can be swept, and the sweeps that there are. */
export function plantedView(documents: readonly SweepDocument[]): LabView {
  return {
    embedded: { available: true, engine: 'llama.cpp b6000', devices: ['cpu'], reason: null },
    models: MODELS.map(([label, role]) => ({
      label,
      role,
      path: `/models/${label}`,
      bytes: 2_245_888,
      obstacle: null,
    })),
    layers: [0, 1, 2, 3, 4, 5],
    modules: ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'],
    smallestSide: 64,
    probes: [probe('id', 'id'), probe('ood', 'ood')],
    sweeps: documents.map(({ id, file, progress, results }) => ({
      id,
      name: file.name,
      state: progress.state,
      trials: results.length,
      done: results.filter(({ state }) => state === 'done').length,
    })),
  };
}

export interface PlantedLab {
  readonly documents?: readonly SweepDocument[];
  readonly view?: Partial<LabView>;
}

/** What the page posted, in order. */
export interface Posted {
  readonly path: string;
  readonly body: unknown;
}

/** Gives the page sweeps that stand still in place of the engine's. Call it before the study is opened. */
export async function plantLab(page: Page, { documents = [], view = {} }: PlantedLab): Promise<Posted[]> {
  const posted: Posted[] = [];
  const finished = finishedSweepDocument();
  const plan = { trials: finished.results.map(({ trial }) => trial), estimate: finished.estimate };
  await page.addInitScript(
    (states) => {
      const encoder = new TextEncoder();
      const { fetch } = window;
      window.fetch = (input, init) => {
        const found = /\/sweeps\/([^/]+)\/events$/.exec(typeof input === 'string' ? input : '');
        if (!found) return fetch(input, init);
        const text = `event: progress\ndata: ${states[found[1] ?? '']}\n\nevent: results\ndata: {"revision":1}\n\n`;
        // It stays open, and silent.
        const body = new ReadableStream<Uint8Array>({
          start: (controller) => controller.enqueue(encoder.encode(text)),
        });
        return Promise.resolve(new Response(body, { headers: { 'content-type': 'text/event-stream' } }));
      };
    },
    Object.fromEntries(documents.map(({ id, progress }) => [id, JSON.stringify(progress)])),
  );
  const shown = { ...plantedView(documents), ...view };
  await page.route(/\/api\/studies\/[\w-]+\/(lab|sweeps(\/.*)?)$/, async (route) => {
    const { pathname } = new URL(route.request().url());
    if (route.request().method() === 'POST')
      posted.push({ path: pathname.replace(/^.*\/(?=sweeps)/, ''), body: route.request().postDataJSON() });
    const document = documents.find(({ id }) => pathname.includes(`/sweeps/${id}`));
    const last = pathname.split('/').at(-1);
    if (last === 'lab') return route.fulfill({ json: shown });
    if (last === 'plan') return route.fulfill({ json: plan });
    if (last === 'sweeps') return route.fulfill({ status: 201, json: { id: documents[0]?.id ?? '' } });
    if (last === 'run' || last === 'cancel') return route.fulfill({ json: document?.progress });
    if (last === 'export')
      return route.fulfill({
        json: { path: '/out/repair.yaml', bytes: 812, notes: ['Its inputs are pinned.'] },
      });
    return route.fulfill({ json: document });
  });
  return posted;
}
