import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../src-main/checkpoint/openCheckpoint.ts';
import type { Checkpoint } from '../../src-main/contract/checkpoint.ts';
import { PolarimeterError } from '../../src-main/contract/errors.ts';
import type { ModelBench } from '../../src-main/inference/Evaluator.ts';
import { Kernels } from '../../src-main/kernels/Kernels.ts';
import { caughtAsync } from '../fixtures/caught.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';
import { benchOf, DEMO, demoCheckpoint, embedded, settingsOf } from './demoBench.ts';

const folder = tempFolder();
const base = demoCheckpoint('base');
const sft = demoCheckpoint('sft/checkpoint-240');
const TEXT = '6 K J 7;JQK=10;24=10*(10-7)-6';

type Bits = Float64Array[];

/** What a model says after every token of a text, and what was written for it. */
async function said(bench: ModelBench, checkpoint: Checkpoint) {
  await using model = await bench.load(checkpoint, {});
  return { bits: await model.evaluator.distributions(TEXT), ...model.patched };
}

/** The same by a bench that has never held another one. */
async function freshly(checkpoint: Checkpoint, name: string): Promise<Bits> {
  await using bench = await benchOf(checkpoint, join(folder, name));
  return (await said(bench, checkpoint)).bits;
}

const fresh = { base: await freshly(base, 'fresh-base'), sft: await freshly(sft, 'fresh-sft') };

const recordOf = (name: string) =>
  JSON.parse(readFileSync(join(folder, name, 'model.json'), 'utf8')) as {
    writing: string[];
    state: string | null;
  };

/** Kernels whose conversions end in an error from one on, after the bytes of it were written. */
function failing(code: 'disk-full' | 'cancelled', at: () => number): { readonly dense: Kernels['dense'] } {
  const { dense } = new Kernels();
  let count = 0;
  const convert: typeof dense.convert = async (...args) => {
    const result = await dense.convert(...args);
    count += 1;
    if (count >= at()) throw new PolarimeterError(code, 'as the test wants it', args[1].path);
    return result;
  };
  return { dense: Object.assign(Object.create(dense) as typeof dense, { convert }) };
}

describe('a patched model', () => {
  it('answers as one that was converted from the same checkpoint, bit for bit, there and back', async () => {
    expect(fresh.base).not.toEqual(fresh.sft);
    await using bench = await benchOf(base, join(folder, 'patched'));
    const loads = [base, sft, sft, base, sft];
    const found = [];
    for (const checkpoint of loads) found.push(await said(bench, checkpoint));
    expect(found.map(({ tensors }) => tensors)).toEqual([0, 56, 0, 56, 56]);
    expect(found[2]).toMatchObject({ tensors: 0, bytes: 0 });
    // Everything but the header, in float32.
    expect(found[1]!.bytes).toBe(4 * sft.parameters);
    for (const [at, { bits }] of found.entries())
      expect(bits).toEqual(loads[at] === base ? fresh.base : fresh.sft);
  });

  it('gets only what is made of something else', async () => {
    const name = 'model.layers.3.mlp.down_proj.weight';
    const donor = sft.tensors.find((tensor) => tensor.name === name)!;
    const mixed = { ...base, tensors: base.tensors.map((tensor) => (tensor.name === name ? donor : tensor)) };
    await using bench = await benchOf(base, join(folder, 'single'));
    const found = await said(bench, mixed);
    expect(found).toMatchObject({ tensors: 1, bytes: 4 * 128 * 344 });
    expect(found.bits).not.toEqual(fresh.base);
    expect(await said(bench, base)).toMatchObject({ tensors: 1, bits: fresh.base });
  });

  it('is found again by the next process, and written anew where it was touched or its source was', async () => {
    const [place, source] = [join(folder, 'again'), join(folder, 'source')];
    cpSync(join(DEMO, 'base'), source, { recursive: true });
    const convert = async () => {
      const progress: number[] = [];
      await using bench = await benchOf(openCheckpoint(source), place, {
        onProgress: (share) => progress.push(share),
      });
      return { ...(await said(bench, openCheckpoint(source))), written: progress.length };
    };
    expect(await convert()).toMatchObject({ bits: fresh.base, written: 57 });
    expect(await convert()).toMatchObject({ bits: fresh.base, written: 0 });
    utimesSync(join(place, 'model.gguf'), 1, 1);
    expect(await convert()).toMatchObject({ bits: fresh.base, written: 57 });
    cpSync(join(DEMO, 'sft', 'checkpoint-240', 'model.safetensors'), join(source, 'model.safetensors'));
    expect(await convert()).toMatchObject({ bits: fresh.sft, written: 56 });
    writeFileSync(join(place, 'model.json'), '{"schema":');
    expect(await convert()).toMatchObject({ bits: fresh.sft, written: 57 });
  });

  it('is converted anew in another form', async () => {
    const place = join(folder, 'forms');
    await (await benchOf(base, place))[Symbol.asyncDispose]();
    const large = statSync(join(place, 'model.gguf')).size;
    await using bench = await benchOf(base, place, { choice: embedded({ weights: 'stored' }) });
    await using model = await bench.load(base, {});
    expect(model.evaluator.info.weights).toBe('BF16 + F32');
    expect(statSync(join(place, 'model.gguf')).size).toBeLessThan(0.6 * large);
    const prompts = Array.from({ length: 9 }, (_unused, at) => `${String(at + 2)} 6 4 3;JQK=10;24=`);
    const ask = async (batch: number) => await model.evaluator.answer(prompts, settingsOf({ batch }));
    expect(await ask(4)).toEqual(await ask(9));
    expect(await ask(1)).toEqual(await ask(16));
  });

  it('leaves nothing mapped, and sources as they were', async () => {
    const hash = () =>
      [base, sft].map(({ files }) =>
        files.map((file) => createHash('sha256').update(readFileSync(file)).digest('hex')),
      );
    const before = hash();
    await using bench = await benchOf(base, join(folder, 'mapped'));
    await said(bench, sft);
    expect(hash()).toEqual(before);
    if (process.platform === 'linux')
      expect(readFileSync('/proc/self/maps', 'utf8')).not.toMatch(/mapped\/model\.gguf/);
  });

  it('belongs to one process', async () => {
    const place = join(folder, 'locked');
    await using _bench = await benchOf(base, place);
    const error = await caughtAsync(() => benchOf(base, place));
    expect([error.code, error.where]).toEqual(['model-busy', place]);
  });
});

describe('a patch that is cut off', () => {
  it.each(['disk-full', 'cancelled'] as const)('by %s is made good by the next load', async (code) => {
    const place = join(folder, `cut-${code}`);
    let at = Infinity;
    const kernels = failing(code, () => at);
    await using bench = await benchOf(base, place, { kernels });
    // The base took 56.
    at = 56 + 20;
    expect((await caughtAsync(() => bench.load(sft, {}))).code).toBe(code);
    expect(recordOf(basename(place))).toMatchObject({ state: null });
    expect(recordOf(basename(place)).writing).toHaveLength(56);
    at = Infinity;
    expect(await said(bench, base)).toMatchObject({ tensors: 56, bits: fresh.base });
    expect(recordOf(basename(place)).writing).toEqual([]);
    expect(await said(bench, sft)).toMatchObject({ bits: fresh.sft });
  });

  it('by the end of its process is made good by the next one', async () => {
    const place = join(folder, 'killed');
    const script = fileURLToPath(new URL('patchAndDie.ts', import.meta.url));
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, place]);
    let errors = '';
    child.stderr.on('data', (part) => (errors += String(part)));
    const signal = await new Promise((resolve) => child.on('exit', (_code, by) => resolve(by)));
    expect([signal, errors]).toEqual(['SIGKILL', '']);
    expect(recordOf('killed').writing).toHaveLength(56);
    await using bench = await benchOf(base, place);
    expect(await said(bench, base)).toMatchObject({ bits: fresh.base });
    expect(await said(bench, sft)).toMatchObject({ bits: fresh.sft });
  });

  it('by its caller before it begins changes nothing', async () => {
    await using bench = await benchOf(base, join(folder, 'aborted'));
    const error = await caughtAsync(() => bench.load(sft, { signal: AbortSignal.abort() }));
    expect(error.code).toBe('cancelled');
    expect(await said(bench, base)).toMatchObject({ tensors: 0, bits: fresh.base });
  });
});

describe('a conversion', () => {
  it('that is cut off leaves nothing behind, and the folder free', async () => {
    const place = join(folder, 'half');
    const error = await caughtAsync(() => benchOf(base, place, { kernels: failing('disk-full', () => 9) }));
    expect([
      error.code,
      existsSync(join(place, 'model.gguf')),
      existsSync(join(place, 'model.gguf.part')),
    ]).toEqual(['disk-full', false, false]);
    await using bench = await benchOf(base, place);
    expect(await said(bench, base)).toMatchObject({ bits: fresh.base });
  });

  it('does not begin without the space that it needs', async () => {
    const error = await caughtAsync(() =>
      benchOf(base, join(folder, 'tight'), { freeDisk: () => 1_000_000 }),
    );
    expect([error.code, error.message]).toEqual([
      'disk-space',
      expect.stringMatching(/4\.\d+ MiB, the disk has 977 KiB left/),
    ]);
  });

  it('does not begin when the model is too large for the memory', async () => {
    const place = join(folder, 'large');
    const error = await caughtAsync(() => benchOf(base, place, { freeMemory: () => 100_000_000 }));
    expect([error.code, error.message]).toEqual([
      'model-too-large',
      expect.stringMatching(
        /needs 165 MiB of memory \(4\.29 MiB of weights, 32\.3 MiB of context, 128 MiB besides\), 95\.4 MiB are free/,
      ),
    ]);
    expect(existsSync(place)).toBe(false);
  });

  it('says when only the context is too large', async () => {
    let free = 1e12;
    await using bench = await benchOf(base, join(folder, 'context'), { freeMemory: () => free });
    await using model = await bench.load(base, {});
    free = 1_000_000;
    expect((await caughtAsync(() => model.evaluator.answer(['1'], settingsOf()))).code).toBe(
      'model-too-large',
    );
    free = 1e12;
    expect(await model.evaluator.answer(['1'], settingsOf())).toHaveLength(1);
  });

  it('never goes into the folder of a checkpoint', async () => {
    const source = join(folder, 'own');
    cpSync(join(DEMO, 'base'), source, { recursive: true });
    expect((await caughtAsync(() => benchOf(openCheckpoint(source), source))).code).toBe('source-folder');
    expect((await caughtAsync(() => benchOf(openCheckpoint(source), join(source, 'work')))).code).toBe(
      'source-folder',
    );
  });

  it('refuses an architecture that llama.cpp or we do not know, and a checkpoint without a tokenizer', async () => {
    const source = join(folder, 'strange');
    cpSync(join(DEMO, 'base'), source, { recursive: true });
    const config = join(source, 'config.json');
    const text = readFileSync(config, 'utf8');
    writeFileSync(
      config,
      text.replaceAll('"llama"', '"mamba"').replaceAll('LlamaForCausalLM', 'MambaForCausalLM'),
    );
    const open = () => caughtAsync(() => benchOf(openCheckpoint(source), join(folder, 'strange-bench')));
    expect((await open()).code).toBe('model-unsupported');
    writeFileSync(config, text);
    rmSync(join(source, 'tokenizer.json'));
    expect((await open()).code).toBe('tokenizer-missing');
    expect(existsSync(join(folder, 'strange-bench'))).toBe(false);
  });
});
