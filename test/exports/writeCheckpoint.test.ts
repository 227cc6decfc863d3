import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../src-main/checkpoint/openCheckpoint.ts';
import type { Checkpoint } from '../../src-main/contract/checkpoint.ts';
import { PolarimeterError } from '../../src-main/contract/errors.ts';
import { Provenance } from '../../src-main/exports/provenance.ts';
import { writeCheckpoint, type WriteOptions } from '../../src-main/exports/writeCheckpoint.ts';
import type { WriteProgress } from '../../src-main/exports/WriteMeter.ts';
import { Kernels } from '../../src-main/kernels/Kernels.ts';
import { eighths, loraPair, writeAdapter } from '../fixtures/adapters.ts';
import { writeCheckpoint as writeFixture, type TensorSource } from '../fixtures/checkpoints.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';

const folder = tempFolder();
const kernels = new Kernels({ threads: 1 });
afterAll(() => kernels[Symbol.dispose]());

const CONFIG = { model_type: 'llama', num_hidden_layers: 2, tie_word_embeddings: true };
const TENSORS: readonly TensorSource[] = [
  eighths('model.embed_tokens.weight', [20, 16], 'BF16'),
  eighths('model.layers.0.self_attn.q_proj.weight', [16, 16], 'BF16'),
  { name: 'model.layers.0.position_ids', dtype: 'I64', shape: [3], data: [0, 1, 2] },
  eighths('model.layers.0.input_layernorm.weight', [16], 'F32'),
  eighths('model.layers.1.self_attn.q_proj.weight', [16, 16], 'BF16'),
  eighths('model.norm.weight', [16], 'BF16'),
  { ...eighths('model.embed_tokens.weight', [20, 16], 'BF16'), name: 'lm_head.weight' },
];
const COMPANIONS = {
  'generation_config.json': '{"do_sample": true}',
  'tokenizer.json': '{"version": "1.0"}',
  'tokenizer_config.json': '{}',
  'special_tokens_map.json': '{}',
  'chat_template.jinja': '{{ messages }}',
  'merges.txt': 'a b',
  'vocab.json': '{}',
  LICENSE: 'free',
};

const source = join(folder, 'source');
const options: WriteOptions = { kernels, signal: new AbortController().signal };

async function failure(promise: Promise<unknown>): Promise<PolarimeterError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof PolarimeterError) return error;
    throw error;
  }
  return expect.fail('no error was thrown');
}

const bytesOf = ({ tensors }: Checkpoint): Map<string, string> =>
  new Map(
    tensors.map(({ name, file, offset, bytes }) => [
      name,
      readFileSync(file)
        .subarray(offset, offset + bytes)
        .toString('hex'),
    ]),
  );

let number = 0;
/** A parent of its own for every test, so that what is left behind can be seen. */
function place(): { readonly parent: string; readonly out: string } {
  const parent = join(folder, `place-${String(++number)}`);
  mkdirSync(parent);
  return { parent, out: join(parent, 'out') };
}

beforeAll(() => {
  writeFixture(source, { config: CONFIG, tensors: TENSORS });
  for (const [name, text] of Object.entries(COMPANIONS)) writeFileSync(join(source, name), text);
  writeFileSync(join(source, 'modeling_own.py'), 'print()');
  writeFileSync(join(source, 'notes.md'), 'mine');
});

describe('writeCheckpoint', () => {
  it('writes what was read, tied tensors once, and everything that belongs beside it', async () => {
    const { parent, out } = place();
    const before = readdirSync(source);
    const checkpoint = openCheckpoint(source);
    const { files, provenance } = await writeCheckpoint(checkpoint, out, options);
    expect(files).toEqual(['model.safetensors']);
    expect(readdirSync(parent)).toEqual(['out']);
    expect(readdirSync(out).sort()).toEqual(
      [
        ...Object.keys(COMPANIONS),
        'README.md',
        'config.json',
        'model.safetensors',
        'polarimeter-provenance.json',
      ].sort(),
    );
    const written = openCheckpoint(out);
    const expected = bytesOf(checkpoint);
    expected.delete('lm_head.weight');
    expect(bytesOf(written)).toEqual(expected);
    expect(written.config).toEqual(checkpoint.config);
    expect(provenance.tied).toEqual([{ tensor: 'lm_head.weight', sharedWith: 'model.embed_tokens.weight' }]);
    expect(
      Provenance.parse(JSON.parse(readFileSync(join(out, 'polarimeter-provenance.json'), 'utf8'))),
    ).toEqual(provenance);
    expect(readFileSync(join(out, 'README.md'), 'utf8')).toContain(
      'Every tensor was read back and compared.',
    );
    expect(provenance.warnings).toEqual([
      'code of the model was not copied: modeling_own.py; take it from the original',
    ]);
    expect(readdirSync(source)).toEqual(before);
  });

  it('has a header as transformers writes it: format pt, no holes, tensors at multiples of their element size', async () => {
    const { out } = place();
    await writeCheckpoint(openCheckpoint(source), out, options);
    const bytes = readFileSync(join(out, 'model.safetensors'));
    const length = Number(bytes.readBigUInt64LE(0));
    const header = JSON.parse(bytes.subarray(8, 8 + length).toString()) as Record<
      string,
      { data_offsets?: [number, number]; dtype: string }
    >;
    expect(header.__metadata__).toEqual({ format: 'pt' });
    expect(length % 8).toBe(0);
    const places = Object.values(header).flatMap(({ data_offsets: at, dtype }) =>
      at ? [{ at, dtype }] : [],
    );
    const sizes: Record<string, number> = { I64: 8, F32: 4, BF16: 2 };
    expect(places.every(({ at, dtype }) => at[0] % (sizes[dtype] ?? NaN) === 0)).toBe(true);
    expect(places.map(({ at }) => at[0]).slice(1)).toEqual(places.map(({ at }) => at[1]).slice(0, -1));
    expect(8 + length + (places.at(-1)?.at[1] ?? 0)).toBe(bytes.length);
  });

  it('cuts shards at the size that was asked for and names them in an index', async () => {
    const { out } = place();
    const { files } = await writeCheckpoint(openCheckpoint(source), out, { ...options, shardBytes: 700 });
    expect(files).toEqual([1, 2, 3].map((i) => `model-0000${String(i)}-of-00003.safetensors`));
    const index = JSON.parse(readFileSync(join(out, 'model.safetensors.index.json'), 'utf8')) as {
      metadata: { total_size: number };
      weight_map: Record<string, string>;
    };
    const written = openCheckpoint(out);
    expect(index.metadata.total_size).toBe(written.bytes);
    expect(Object.keys(index.weight_map).sort()).toEqual(written.tensors.map(({ name }) => name).sort());
    expect(written.format).toBe('safetensors-sharded');
  });

  it('keeps both of two tensors that config.json ties and that differ', async () => {
    const { out } = place();
    const head = eighths('lm_head.weight', [20, 16], 'BF16');
    const apart = writeFixture(join(folder, 'apart'), {
      config: CONFIG,
      tensors: [...TENSORS.slice(0, -1), head],
    });
    const { provenance } = await writeCheckpoint(openCheckpoint(apart), out, options);
    expect(provenance.tied).toEqual([]);
    expect(openCheckpoint(out).tensors.map(({ name }) => name)).toContain('lm_head.weight');
  });

  it('reports bytes of both stages', async () => {
    const { out } = place();
    const seen: WriteProgress[] = [];
    await writeCheckpoint(openCheckpoint(source), out, { ...options, onProgress: (at) => seen.push(at) });
    for (const stage of ['write', 'verify'] as const) {
      const last = seen.findLast((at) => at.stage === stage);
      expect(last).toMatchObject({ bytes: last?.totalBytes, millisLeft: 0 });
      expect(last?.bytesPerSecond).toBeGreaterThan(0);
    }
  });

  it('copies what links lead to, as in the Hugging Face cache', async () => {
    const { out } = place();
    const linked = join(folder, 'linked');
    mkdirSync(linked);
    for (const name of ['config.json', 'model.safetensors', 'tokenizer.json'])
      symlinkSync(join(source, name), join(linked, name));
    await writeCheckpoint(openCheckpoint(linked), out, options);
    expect(readFileSync(join(out, 'tokenizer.json'), 'utf8')).toBe(COMPANIONS['tokenizer.json']);
    const error = await failure(writeCheckpoint(openCheckpoint(linked), join(source, 'inner'), options));
    expect(error.code).toBe('source-folder');
  });
});

describe('the place of a written checkpoint', () => {
  const checkpoint = (): Checkpoint => openCheckpoint(source);

  it.each([
    ['is the source', () => source],
    ['lies inside it', () => join(source, 'deep', 'out')],
    ['lies around it', () => folder],
  ])('is refused where it %s', async (_how, out) => {
    const before = readdirSync(source);
    const error = await failure(writeCheckpoint(checkpoint(), out(), { ...options, force: true }));
    expect(error.code).toBe('source-folder');
    expect(readdirSync(source)).toEqual(before);
  });

  it('is refused where something is, and replaced with force where that is a checkpoint', async () => {
    const { parent, out } = place();
    await writeCheckpoint(checkpoint(), out, { ...options, shardBytes: 700 });
    const error = await failure(writeCheckpoint(checkpoint(), out, options));
    expect(error.code).toBe('output-exists');
    await writeCheckpoint(checkpoint(), out, { ...options, force: true });
    expect(readdirSync(out).filter((name) => name.startsWith('model'))).toEqual(['model.safetensors']);
    expect(readdirSync(parent)).toEqual(['out']);
  });

  it.each([
    ['a foreign file', (out: string) => writeFileSync(join(out, 'thesis.tex'), '')],
    ['a folder', (out: string) => mkdirSync(join(out, 'optimizer'))],
  ])('is never replaced where it holds %s', async (_what, add) => {
    const { out } = place();
    await writeCheckpoint(checkpoint(), out, options);
    add(out);
    const before = readdirSync(out);
    const error = await failure(writeCheckpoint(checkpoint(), out, { ...options, force: true }));
    expect(error.code).toBe('output-exists');
    expect(error.message).toMatch(/thesis\.tex|optimizer/);
    expect(readdirSync(out)).toEqual(before);
  });

  it('is not a file, and may be an empty folder', async () => {
    const { out } = place();
    writeFileSync(out, 'text');
    expect((await failure(writeCheckpoint(checkpoint(), out, { ...options, force: true }))).code).toBe(
      'output-exists',
    );
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    await writeCheckpoint(checkpoint(), empty, options);
    expect(readdirSync(empty)).toContain('model.safetensors');
  });
});

describe('a write that fails', () => {
  const checkpoint = (): Checkpoint => openCheckpoint(source);
  const attempt = (
    changes: Partial<WriteOptions>,
    below = 'new/out',
  ): [string, Promise<PolarimeterError>] => {
    const { parent } = place();
    return [parent, failure(writeCheckpoint(checkpoint(), join(parent, below), { ...options, ...changes }))];
  };

  it('for lack of space says so before a byte is written', async () => {
    const [parent, error] = attempt({ free: () => 1000 });
    expect((await error).code).toBe('disk-space');
    expect((await error).message).toMatch(/1\.9\d KiB|KiB are to be written/);
    expect(readdirSync(parent)).toEqual([]);
  });

  it('because the disk fills up leaves nothing', async () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    const onProgress = (): void => {
      throw full;
    };
    const [parent, error] = attempt({ onProgress });
    expect((await error).code).toBe('disk-space');
    expect(readdirSync(parent)).toEqual([]);
  });

  it.each(['write', 'verify'] as const)(
    'because it is cancelled in stage %s leaves nothing',
    async (stage) => {
      const controller = new AbortController();
      const onProgress = (at: WriteProgress): void => {
        if (at.stage === stage) controller.abort();
      };
      const [parent, error] = attempt({ signal: controller.signal, onProgress });
      expect((await error).code).toBe('cancelled');
      expect(readdirSync(parent)).toEqual([]);
    },
  );

  it('because a source changes meanwhile leaves nothing', async () => {
    const onProgress = (at: WriteProgress): void => {
      if (at.stage === 'verify') utimesSync(join(source, 'model.safetensors'), 1, 1);
    };
    const [parent, error] = attempt({ onProgress });
    expect((await error).code).toBe('file-changed');
    expect(readdirSync(parent)).toEqual([]);
  });

  it('because the copy is not the source is named, and leaves what was there', async () => {
    const { parent, out } = place();
    await writeCheckpoint(checkpoint(), out, options);
    const onProgress = ({ bytes, totalBytes, stage }: WriteProgress): void => {
      if (stage !== 'write' || bytes !== totalBytes) return;
      const beside = readdirSync(parent).find((name) => name !== 'out') ?? '';
      const file = join(parent, beside, 'model.safetensors');
      const damaged = readFileSync(file);
      damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 1;
      writeFileSync(file, damaged);
    };
    const error = await failure(writeCheckpoint(checkpoint(), out, { ...options, force: true, onProgress }));
    expect([error.code, error.where]).toEqual(['write-not-verified', 'model.norm.weight']);
    expect(readdirSync(parent)).toEqual(['out']);
    expect(openCheckpoint(out).tensors).toHaveLength(TENSORS.length - 1);
  });

  it('because its parent is a file says so', async () => {
    const { out } = place();
    writeFileSync(out, 'text');
    expect((await failure(writeCheckpoint(checkpoint(), join(out, 'inner'), options))).code).toBe(
      'write-failed',
    );
    expect(readFileSync(out, 'utf8')).toBe('text');
  });

  it('because a tensor can only be listed names it', async () => {
    const { parent, out } = place();
    const [first, ...rest] = checkpoint().tensors;
    const opaque = { ...checkpoint(), tensors: [{ ...first!, opaque: 'stored column by column' }, ...rest] };
    const error = await failure(writeCheckpoint(opaque, out, options));
    expect([error.code, error.where]).toEqual(['unsupported-format', first!.name]);
    expect(readdirSync(parent)).toEqual([]);
  });

  it.skipIf(process.getuid?.() === 0)('for lack of permission says so (not as root)', async () => {
    const { parent, out } = place();
    chmodSync(parent, 0o500);
    expect((await failure(writeCheckpoint(checkpoint(), out, options))).code).toBe('write-failed');
    expect(existsSync(out)).toBe(false);
  });
});

describe('an adapter', () => {
  it('is written merged, in the type of its base, with the files of its base', async () => {
    const { out } = place();
    const adapter = writeAdapter(join(folder, 'adapter'), {
      config: { base_model_name_or_path: source },
      tensors: loraPair('model.layers.0.self_attn.q_proj', [16, 16]),
    });
    writeFileSync(join(adapter, 'tokenizer_config.json'), '{"own": true}');
    const { provenance } = await writeCheckpoint(
      openCheckpoint(adapter, { named: source, fallback: null }),
      out,
      options,
    );
    expect(provenance.converted).toMatchObject([
      { tensor: 'model.layers.0.self_attn.q_proj.weight', from: 'BF16 + LoRA', to: 'BF16' },
    ]);
    expect(readFileSync(join(out, 'tokenizer_config.json'), 'utf8')).toBe('{"own": true}');
    expect(existsSync(join(out, 'config.json'))).toBe(true);
  });

  it('on a base that config.json calls quantised is written with a warning', async () => {
    const { out } = place();
    const config = { ...CONFIG, quantization_config: { quant_method: 'fp8' } };
    const base = writeFixture(join(folder, 'quantised'), { config, tensors: TENSORS });
    const adapter = writeAdapter(join(folder, 'on-quantised'), {
      tensors: loraPair('model.layers.0.self_attn.q_proj', [16, 16]),
    });
    const opened = openCheckpoint(adapter, { named: base, fallback: null });
    const { provenance } = await writeCheckpoint(opened, out, options);
    expect(provenance.warnings).toContainEqual(
      expect.stringMatching(/^config.json declares quantised weights/),
    );
  });
});
