import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { DEMO_SETTINGS, demoProbes } from '../../src-main/api/demoStudy.ts';
import { askModels } from '../../src-main/cli/askModels.ts';
import { openProbeModels } from '../../src-main/cli/openProbeModels.ts';
import { ProgressLine } from '../../src-main/cli/ProgressLine.ts';
import type { ProbeDocument } from '../../src-main/contract/probe.ts';
import { readProbe } from '../../src-main/probes/readProbe.ts';
import { MemoryTerminal } from '../cli/MemoryTerminal.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';
import { ROOT } from '../house/readSources.ts';

const DEMO = join(ROOT, 'resources', 'demo');
const Probe = z.object({ correct: z.number(), outcomes: z.record(z.string(), z.number()).optional() });
const recorded = z
  .object({ checkpoints: z.array(z.object({ checkpoint: z.string(), id: Probe, ood: Probe })) })
  .parse(JSON.parse(readFileSync(join(DEMO, 'results.json'), 'utf8')));
const accuracyOf = (checkpoint: string, probe: 'id' | 'ood'): number =>
  recorded.checkpoints.find((one) => one.checkpoint === checkpoint)![probe].correct / 600;

const MODELS = ['base', 'sft/checkpoint-240'];
const work = tempFolder();
let document: ProbeDocument;

beforeAll(async () => {
  process.env['POLARIMETER_WORK'] = work;
  const line = new ProgressLine(new MemoryTerminal());
  const { signal } = new AbortController();
  const settings = DEMO_SETTINGS;
  const embedded = {
    kind: 'embedded',
    device: 'cpu',
    threads: 1,
    weights: 'F32',
    contextTokens: null,
  } as const;
  await using models = openProbeModels(embedded, { settings, limits: {}, signal, line });
  const probes = demoProbes(ROOT).map((choice) => readProbe(choice, ROOT));
  const named = MODELS.map((path) => ({ label: path, path: join(DEMO, path) }));
  ({ document } = await askModels(named, models, { probes, settings, tries: 1, signal, line, kept: null }));
}, 300_000);

afterAll(() => {
  delete process.env['POLARIMETER_WORK'];
});

describe('the demo checkpoints in llama.cpp, greedy in float32', () => {
  it('answer as often right as when they were trained, within the Wilson interval', () => {
    for (const { label, probes } of document.models) {
      for (const { kind, accuracy } of probes) {
        const [low, high] = accuracy.interval;
        expect([label, kind, accuracyOf(label, kind) > low && accuracyOf(label, kind) < high]).toEqual([
          label,
          kind,
          true,
        ]);
        // Another order of sums turns a few near ties around, no more.
        expect(Math.abs(accuracy.value - accuracyOf(label, kind))).toBeLessThanOrEqual(3 / 600);
      }
    }
  });

  it('gain and lose the problems that the README of the demo counts: SFT learns ID and forgets OOD', () => {
    const [id, ood] = document.models[1]!.paired;
    expect(Math.abs(id!.gained - 101) + Math.abs(id!.lost - 30)).toBeLessThanOrEqual(6);
    expect(Math.abs(ood!.gained - 13) + Math.abs(ood!.lost - 92)).toBeLessThanOrEqual(6);
    expect([id!.interval[0] > 0, ood!.interval[1] < 0]).toEqual([true, true]);
    expect(Math.max(id!.pAdjusted!, ood!.pAdjusted!)).toBeLessThan(1e-8);
  });

  it('read J, Q and K as 10 out of distribution after SFT, and never before', () => {
    const readings = document.models.map(({ probes }) => probes[1]!.verdicts['other-rule'] ?? 0);
    expect(readings[0]).toBe(0);
    // 13.8 % in the README of the study that the demo is a part of.
    expect(Math.abs(readings[1]! - 83)).toBeLessThanOrEqual(3);
  });
});
