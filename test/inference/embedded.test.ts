import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../src-main/checkpoint/openCheckpoint.ts';
import { Problem } from '../../src-main/contract/probe.ts';
import { embeddedAvailability, loadRuntime } from '../../src-main/inference/embedded/llamaRuntime.ts';
import type { Evaluator, LoadedModel, ModelBench } from '../../src-main/inference/Evaluator.ts';
import { judge } from '../../src-main/probes/judge.ts';
import { caughtAsync } from '../fixtures/caught.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';
import { benchOf, DEMO, demoCheckpoint, embedded, settingsOf } from './demoBench.ts';

const folder = tempFolder();

const problemsOf = (name: string): Problem[] =>
  readFileSync(join(DEMO, 'probes', `${name}.jsonl`), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => Problem.parse(JSON.parse(line)));

const problems = problemsOf('id');
const prompts = problems.map(({ prompt }) => prompt);

let bench: ModelBench;
let model: LoadedModel;
let evaluator: Evaluator;

beforeAll(async () => {
  bench = await benchOf(demoCheckpoint('base'), join(folder, 'base'));
  model = await bench.load(demoCheckpoint('base'), {});
  evaluator = model.evaluator;
});
afterAll(async () => {
  await model[Symbol.asyncDispose]();
  await bench[Symbol.asyncDispose]();
});

const textsOf = async (asked: readonly string[], extra: Parameters<typeof settingsOf>[0] = {}) =>
  (await evaluator.answer(asked, settingsOf(extra))).map(({ text }) => text);

describe('answers of an embedded model', () => {
  it('reproduce the accuracy of the demo study, greedy in float32', async () => {
    const answers = await evaluator.answer(prompts, settingsOf());
    const correct = answers.filter((answer, at) => judge(problems[at]!, answer).correct).length;
    // 254 of 600, 95 % Wilson interval [38.4, 46.3] per cent; on AVX-512 it is 254.
    expect(correct).toBeGreaterThanOrEqual(231);
    expect(correct).toBeLessThanOrEqual(277);
    expect(answers.every(({ ended }) => ended === 'end')).toBe(true);
    expect(evaluator.info).toMatchObject({
      kind: 'embedded',
      device: 'cpu',
      threads: 1,
      weights: 'F32',
      contextTokens: 128,
    });
    expect(evaluator.info.engine).toMatch(/^llama\.cpp \S+ by node-llama-cpp 3\.21\.1$/);
  });

  it('do not depend on the batch, the order, or what else is asked', async () => {
    const some = prompts.slice(0, 48);
    const first = await textsOf(some, { batch: 16 });
    expect(await textsOf(some, { batch: 16 })).toEqual(first);
    for (const batch of [1, 5, 12, 48, 64, 500])
      expect([batch, await textsOf(some, { batch })]).toEqual([batch, first]);
    expect((await textsOf([...some].reverse(), { batch: 7 })).reverse()).toEqual(first);
    expect(await textsOf(some.slice(30, 33), { batch: 16 })).toEqual(first.slice(30, 33));
  });

  it('are drawn from the seed, prompt by prompt', async () => {
    const some = prompts.slice(0, 24);
    const hot = { temperature: 1.2, batch: 8 };
    const first = await textsOf(some, { ...hot, seed: 1 });
    expect(await textsOf(some, { ...hot, seed: 1 })).toEqual(first);
    expect(await textsOf(some.slice(9, 12), { ...hot, seed: 1, batch: 3 })).toEqual(first.slice(9, 12));
    expect(await textsOf(some, { ...hot, seed: 2 })).not.toEqual(first);
    expect(await textsOf(some, { batch: 8 })).not.toEqual(first);
    // Of the tokens that make up almost nothing, only the first is left.
    expect(await textsOf(some, { ...hot, seed: 1, topP: 1e-6 })).toEqual(await textsOf(some, { batch: 8 }));
  });

  it('end at a stop text across tokens, at a length, and where the context ends', async () => {
    const [prompt] = prompts;
    const ask = async (extra: Parameters<typeof settingsOf>[0]) =>
      (await evaluator.answer([prompt!], settingsOf(extra)))[0];
    expect(await ask({})).toEqual({ text: '10*(10-7)-6', tokens: 11, ended: 'end' });
    expect(await ask({ stop: ['never', '-7)'] })).toEqual({ text: '10*(10', tokens: 9, ended: 'stop' });
    expect(await ask({ stop: ['10*(10-7)-6+'] })).toMatchObject({ ended: 'end' });
    expect(await ask({ maxTokens: 4 })).toEqual({ text: '10*(', tokens: 4, ended: 'length' });
    const long = '9 '.repeat(60);
    expect((await evaluator.answer([long, prompt!], settingsOf({ maxTokens: 500 })))[1]?.text).toBe(
      '10*(10-7)-6',
    );
    const [cut] = await evaluator.answer([`${long}24=`.padStart(125, ' ')], settingsOf({ maxTokens: 500 }));
    expect([cut!.tokens <= 2, cut!.ended === 'length' || cut!.ended === 'end']).toEqual([true, true]);
  });

  it('tell each as it comes', async () => {
    const seen = new Map<number, string>();
    const asked = prompts.slice(0, 20);
    const answers = await evaluator.answer(asked, settingsOf({ batch: 6 }), {
      onAnswer: (index, { text }) => seen.set(index, text),
    });
    expect(answers.map((_answer, index) => seen.get(index))).toEqual(answers.map(({ text }) => text));
  });

  it('refuse a prompt that is longer than the context', async () => {
    const error = await caughtAsync(() => evaluator.answer(['ok', '1'.repeat(127)], settingsOf()));
    expect([error.code, error.message]).toEqual([
      'context-too-short',
      expect.stringMatching(/^"1{60}…" has 128 tokens, the context of the model 128$/),
    ]);
    expect((await caughtAsync(() => evaluator.distributions('1'.repeat(128)))).code).toBe(
      'context-too-short',
    );
  });

  it('are cancelled between tokens, and the model goes on afterwards', async () => {
    const stop = new AbortController();
    const asked = evaluator.answer(prompts, settingsOf({ batch: 4 }), {
      signal: stop.signal,
      onAnswer: () => stop.abort(),
    });
    expect((await caughtAsync(() => asked)).code).toBe('cancelled');
    expect(await textsOf(prompts.slice(0, 1))).toEqual(['10*(10-7)-6']);
  });
});

describe('probabilities of an embedded model', () => {
  const text = `${prompts[0]!}10*(10-7)-6`;

  it('are the same for the score of a text and its distributions, and sum to one', async () => {
    const all = await evaluator.distributions(text);
    // One for <bos> and each letter but the last; letters are tokens.
    expect([all.length, all[0]?.length]).toEqual([text.length, 264]);
    for (const one of all) expect(one.reduce((sum, value) => sum + Math.exp(value), 0)).toBeCloseTo(1, 12);
    const from = prompts[0]!.length;
    const sum = [...text]
      .slice(from)
      .reduce((total, letter, at) => total + all[from + at]![letter.charCodeAt(0)]!, 0);
    const [score, other] = await evaluator.score(prompts[0]!, ['10*(10-7)-6', '10*(10-7)-7'], settingsOf());
    expect(score).toBeCloseTo(sum, 4);
    expect(score!).toBeGreaterThan(other!);
    expect(await evaluator.score(prompts[0]!, ['10*(10-7)-7'], settingsOf())).toEqual([other]);
  });

  it('are the same bits every time, whatever else is scored', async () => {
    const [prompt] = prompts;
    const three = await evaluator.score(prompt!, ['1', '10*(10', '9'], settingsOf());
    expect(await evaluator.score(prompt!, ['10*(10'], settingsOf())).toEqual([three[1]]);
    expect(await evaluator.score(prompt!, ['9', '1', '9'], settingsOf())).toEqual([
      three[2],
      three[0],
      three[2],
    ]);
    expect(await evaluator.distributions(text)).toEqual(await evaluator.distributions(text));
  });

  it('refuse a continuation without a token, which leaves nothing behind', async () => {
    const before = await evaluator.distributions('24=');
    const asked = () => evaluator.score('7 7 7 7;', ['1', ''], settingsOf());
    expect((await caughtAsync(asked)).code).toBe('invalid-argument');
    expect(await evaluator.distributions('24=')).toEqual(before);
  });

  it('are exact where float32 has no number left for them', async () => {
    const sharp = sharpened(join(folder, 'sharp'), 64);
    await using other = await benchOf(sharp, join(folder, 'sharp-bench'));
    await using loaded = await other.load(sharp, {});
    const [soft, hard] = [await evaluator.distributions(text), await loaded.evaluator.distributions(text)];
    let lowest = 0;
    for (const [at, values] of hard.entries()) {
      // The output is linear in the last norm: logits 64 times as large, up to a shift.
      const scaled = soft[at]!.map((value) => 64 * value);
      const top = Math.max(...scaled);
      const norm = top + Math.log(scaled.reduce((sum, value) => sum + Math.exp(value - top), 0));
      const error = values.map((value, token) => Math.abs(value - (scaled[token]! - norm)));
      expect(Math.max(...error)).toBeLessThan(2e-3);
      lowest = Math.min(lowest, ...values);
    }
    expect(lowest).toBeLessThan(-500);
  });
});

/** The base with its last norm times a power of two, which bf16 holds exactly. */
function sharpened(path: string, factor: number) {
  cpSync(join(DEMO, 'base'), path, { recursive: true });
  const norm = openCheckpoint(path).tensors.find(({ name }) => name === 'model.norm.weight')!;
  const bytes = readFileSync(norm.file);
  for (let at = norm.offset; at < norm.offset + norm.bytes; at += 2) {
    const float = Buffer.alloc(4);
    bytes.copy(float, 2, at, at + 2);
    float.writeFloatLE(float.readFloatLE(0) * factor, 0);
    float.copy(bytes, at, 2, 4);
  }
  writeFileSync(norm.file, bytes);
  return openCheckpoint(path);
}

describe('a chat template', () => {
  it('is not supported by a model without one', async () => {
    const error = await caughtAsync(() => evaluator.answer(['a'], settingsOf({ template: 'chat' })));
    expect([error.code, error.message]).toEqual(['not-supported', expect.stringMatching(/no chat template/)]);
  });

  it('puts the prompt between its texts', async () => {
    const path = join(folder, 'chatty');
    cpSync(join(DEMO, 'base'), path, { recursive: true });
    const file = join(path, 'tokenizer_config.json');
    const config = JSON.parse(readFileSync(file, 'utf8')) as object;
    const template =
      "{{ bos_token }}{% for message in messages %}{{ message['role'][0] }}:{{ message['content'] }};{% endfor %}{% if add_generation_prompt %}24={% endif %}";
    writeFileSync(file, JSON.stringify({ ...config, chat_template: template }));
    await using other = await benchOf(openCheckpoint(path), join(folder, 'chatty-bench'));
    await using loaded = await other.load(openCheckpoint(path), {});
    const chat = settingsOf({ template: 'chat' });
    const [byTemplate] = await loaded.evaluator.answer(['6 K J 7;JQK=10'], chat);
    const [byHand] = await evaluator.answer(['u:6 K J 7;JQK=10;24='], settingsOf());
    expect(byTemplate).toEqual(byHand);
    const [score] = await loaded.evaluator.score('6 K J 7;JQK=10', ['10'], chat);
    expect(score).toBeCloseTo((await evaluator.score('u:6 K J 7;JQK=10;24=', ['10'], settingsOf()))[0]!, 5);
  });
});

describe('devices', () => {
  it('name the processor first, and what is not there is not available', async () => {
    const { available, devices, engine, reason } = await embeddedAvailability();
    expect([available, devices[0], reason]).toEqual([true, 'cpu', null]);
    expect(engine).toMatch(/llama\.cpp/);
    const absent = (['cuda', 'metal', 'vulkan'] as const).find(
      (device) => !devices.some((one) => one.startsWith(device)),
    )!;
    const error = await caughtAsync(() => loadRuntime(absent));
    expect([error.code, error.message]).toEqual(['inference-missing', expect.stringContaining(absent)]);
  });

  it('leave graphics drivers in software to those who ask for them', async () => {
    expect((await loadRuntime('auto')).deviceNames.join()).not.toMatch(/llvmpipe|swiftshader/i);
  });

  it('have as many threads as are fastest, where none are named', async () => {
    const checkpoint = demoCheckpoint('base');
    await using other = await benchOf(checkpoint, join(folder, 'threads'), {
      choice: embedded({ threads: null }),
    });
    await using loaded = await other.load(checkpoint, {});
    expect(loaded.evaluator.info.threads).toBeGreaterThanOrEqual(1);
    const answers = await loaded.evaluator.answer(prompts.slice(0, 4), settingsOf());
    expect(answers.map(({ text }) => text)).toEqual(await textsOf(prompts.slice(0, 4)));
  });
});
