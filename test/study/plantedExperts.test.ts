import { describe, expect, it } from 'vitest';
import { bf16Bits, bf16Value } from '../fixtures/checkpoints.ts';
import { gaussian, scale, type Matrix } from '../fixtures/matrix.ts';
import { PlantedStudies, stored, type PlantedModel } from '../fixtures/plantedStudy.ts';

const [HIDDEN, INNER] = [16, 24];
const LAYER = 'model.layers.0';
const CONFIG = {
  model_type: 'qwen3_moe',
  architectures: ['Qwen3MoeForCausalLM'],
  num_hidden_layers: 1,
  hidden_size: HIDDEN,
  num_experts: 4,
  num_attention_heads: 2,
};
const studies = new PlantedStudies();

const expert = (e: number): [string, number, number][] => [
  [`${LAYER}.mlp.experts.${String(e)}.gate_proj.weight`, INNER, HIDDEN],
  [`${LAYER}.mlp.experts.${String(e)}.up_proj.weight`, INNER, HIDDEN],
  [`${LAYER}.mlp.experts.${String(e)}.down_proj.weight`, HIDDEN, INNER],
];
const shapes: [string, number, number][] = [
  ...[0, 1, 2, 3].flatMap(expert),
  [`${LAYER}.mlp.gate.weight`, 4, HIDDEN],
  [`${LAYER}.self_attn.q_proj.weight`, HIDDEN, HIDDEN],
];
const base: PlantedModel = Object.fromEntries(
  shapes.map(([name, rows, cols], i) => [name, stored(scale(gaussian(rows, cols, i + 1), 0.02), 'BF16')]),
);
const PER_EXPERT = 3 * INNER * HIDDEN;

const tuned = (share: (name: string) => number, step: (w: number) => number): PlantedModel =>
  Object.fromEntries(
    Object.entries(base).map(([name, w]): [string, Matrix] => [
      name,
      { ...w, values: w.values.map((x, i) => (i % 8 < 8 * share(name) ? step(x) : x)) },
    ]),
  );
const trained = (name: string): boolean => /experts\.[02]\./.test(name);
const visible = (w: number): number => bf16Value(bf16Bits(w) + 1);

describe('a mixture of experts of which two of four were never reached', () => {
  it('half of the routed parameters are untouched; sparsity of the others is counted without them', async () => {
    const share = (name: string): number => (trained(name) ? 1 / 4 : name.includes('experts') ? 0 : 1 / 2);
    const model = tuned(share, visible);
    const found = await studies.run({ base, variants: { v: { model } }, dtype: 'BF16', config: CONFIG });
    expect(found.value('experts.untouched')).toBe(1 / 2);
    expect(found.row('experts.untouched').tensors).toBe(12);
    expect(found.value('update.unchanged.bf16-routed')).toBe(3 / 4);
    expect(found.row('update.unchanged.bf16-routed').tensors).toBe(6);
    // Over the whole model, untouched experts look like sparsity.
    const others = 4 * HIDDEN + HIDDEN * HIDDEN;
    const unchanged = PER_EXPERT * (2 + 2 * (3 / 4)) + others / 2;
    expect(found.value('update.unchanged.bf16')).toBeCloseTo(unchanged / (4 * PER_EXPERT + others), 14);
    const one = `${LAYER}.mlp.experts.1.up_proj.weight`;
    expect(found.value('experts.untouched', { tensor: one })).toBe(1);
    expect(found.row('update.unchanged.bf16-routed', { tensor: one }).reason).toContain('experts.untouched');
    // Router and attention are no routed experts.
    for (const tensor of [`${LAYER}.mlp.gate.weight`, `${LAYER}.self_attn.q_proj.weight`])
      expect(found.rows('experts.untouched', { tensor })).toEqual([]);
  });

  it('an update that bf16 would swallow is a touch all the same, in float32', async () => {
    const model = tuned((name) => (trained(name) ? 1 : 0), (w) => w * (1 + 2 ** -12)); // prettier-ignore
    const found = await studies.run({ base, variants: { v: { model } }, dtype: 'F32', config: CONFIG });
    expect(found.value('experts.untouched')).toBe(1 / 2);
    expect(found.value('update.unchanged.bf16-routed')).toBe(1);
  });

  it('every expert reached: none untouched', async () => {
    const found = await studies.run({
      base,
      variants: { v: { model: tuned(() => 1 / 8, visible) } },
      dtype: 'BF16',
      config: CONFIG,
    });
    expect(found.value('experts.untouched')).toBe(0);
    expect(found.value('update.unchanged.bf16-routed')).toBe(found.value('update.unchanged.bf16'));
  });
});
