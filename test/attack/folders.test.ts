import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inspectPath } from '../../src-main/study/inspectPath.ts';
import { openCheckpoint } from '../../src-main/checkpoint/openCheckpoint.ts';
import { EXIT } from '../../src-main/contract/errors.ts';
import { caught } from '../fixtures/caught.ts';
import { writeCheckpoint, writeSafetensors } from '../fixtures/checkpoints.ts';
import { zeros } from '../fixtures/modelLayouts.ts';
import { tempFolder } from '../fixtures/tempFolder.ts';

const root = tempFolder();
const tensor = zeros('a', [2]);
let count = 0;

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = join(root, String(count++));
  mkdirSync(folder);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

describe('a path that is no checkpoint', () => {
  it.each([
    [
      'an adapter without its configuration',
      { 'adapter_model.safetensors': '' },
      'adapter-invalid',
      'LoRA adapter; its adapter_config.json is not there',
    ],
    [
      'the image encoder of a GGUF model',
      { 'mmproj-F16.gguf': 'GGUF' },
      'unsupported-format',
      'image encoder',
    ],
    ['the state of a trainer', { 'optimizer.pt': '' }, 'not-a-checkpoint', 'state of a trainer'],
    [
      'several GGUF files',
      { 'a-Q4_K_M.gguf': '', 'a-Q8_0.gguf': '' },
      'ambiguous-folder',
      '2 GGUF files that no index joins',
    ],
    [
      'a PyTorch shard too few',
      { 'pytorch_model-00001-of-00002.bin': '' },
      'shard-missing',
      'pytorch_model-00002-of-00002.bin',
    ],
    [
      'a distributed checkpoint',
      { '__0_0.distcp': '' },
      'unsupported-format',
      'merge it into safetensors first',
    ],
    ['a TensorFlow file', { 'tf_model.h5': '' }, 'unsupported-format', 'tf_model.h5'],
    [
      'an unfinished download',
      { 'config.json': '{}', 'model.safetensors.incomplete': '' },
      'incomplete-download',
      'unfinished download',
    ],
    [
      'a browser download',
      { 'model.safetensors.crdownload': '' },
      'incomplete-download',
      'unfinished download',
    ],
    [
      'a config alone',
      { 'config.json': '{}', 'tokenizer.json': '{}' },
      'not-a-checkpoint',
      'config.json, but no weights',
    ],
    [
      'several unrelated files',
      { 'x.safetensors': '', 'y.safetensors': '' },
      'ambiguous-folder',
      '"x.safetensors", "y.safetensors"',
    ],
    [
      'two sets of shards',
      { 'a-00001-of-00001.safetensors': '', 'b-00001-of-00001.safetensors': '' },
      'ambiguous-folder',
      'no index joins',
    ],
    [
      'something else',
      { 'notes.txt': '', 'data.csv': '' },
      'not-a-checkpoint',
      'holds no file of weights, but "data.csv", "notes.txt"',
    ],
    ['nothing', {}, 'not-a-checkpoint', 'is empty'],
  ] as const)('because it holds %s, says so', (_, files, code, says) => {
    const folder = folderWith(files);
    for (const open of [openCheckpoint, inspectPath]) {
      const error = caught(() => open(folder));
      expect(error.code).toBe(code);
      expect(error.message).toContain(says);
      expect(error.where).toBe(folder);
      expect(error.exitCode).toBe(EXIT.input);
    }
  });

  it.each([
    ['model.gguf', 'gguf-damaged', 'GGUF'],
    ['model.bin', 'archive-damaged', 'model.bin'],
    ['adapter_model.safetensors', 'adapter-invalid', 'LoRA'],
    ['model.safetensors.part', 'incomplete-download', 'unfinished'],
    ['blob', 'not-a-checkpoint', 'is not a safetensors, PyTorch or GGUF file'],
  ] as const)('because the file is %s, says so', (name, code, says) => {
    const file = join(folderWith({ [name]: 'some text that is no model' }), name);
    const error = caught(() => openCheckpoint(file));
    expect(error.code).toBe(code);
    expect(error.message).toContain(name);
    expect(error.message).toContain(says);
  });

  it('tells GGUF and Git LFS by their first bytes where the name is silent', () => {
    const folder = folderWith({
      gguf: 'GGUF\u0003\0\0\0',
      pointer: 'version https://git-lfs.github.com/spec/v1\n',
    });
    expect(caught(() => openCheckpoint(join(folder, 'gguf'))).code).toBe('gguf-damaged');
    expect(caught(() => openCheckpoint(join(folder, 'pointer'))).code).toBe('git-lfs-pointer');
  });

  it('finds what the Hugging Face client has not finished', () => {
    const local = folderWith({ 'config.json': '{}' });
    mkdirSync(join(local, '.cache/huggingface/download'), { recursive: true });
    writeFileSync(join(local, '.cache/huggingface/download/abc.incomplete'), '');
    const snapshot = join(root, 'models--org--name/snapshots/0123456789');
    for (const folder of [snapshot, join(root, 'models--org--name/blobs')])
      mkdirSync(folder, { recursive: true });
    writeFileSync(join(snapshot, 'config.json'), '{}');
    writeFileSync(join(root, 'models--org--name/blobs/abc.incomplete'), '');
    for (const folder of [local, snapshot]) {
      const error = caught(() => openCheckpoint(folder));
      expect(error.code).toBe('incomplete-download');
      expect(error.message).toContain('abc.incomplete');
    }
  });

  it('says which link to a file leads nowhere', () => {
    const folder = folderWith({ 'config.json': '{}' });
    symlinkSync(join(root, 'no-blob'), join(folder, 'model.safetensors'));
    const error = caught(() => inspectPath(folder));
    expect(error.code).toBe('incomplete-download');
    expect(error.message).toContain('model.safetensors: is a link to a file that is not there');
  });

  it('holds a file without tensors', () => {
    const folder = writeCheckpoint(join(root, String(count++)), { config: {}, tensors: [] });
    expect(caught(() => openCheckpoint(folder)).message).toContain('hold no tensors');
  });
});

describe('a path that cannot be read', () => {
  it.each([
    ['does not exist', 'missing', 'path-not-found', 'does not exist'],
    ['lies below a file', 'file.txt/model', 'path-not-found', 'lies below something that is not a folder'],
    ['is too long', 'x'.repeat(5000), 'path-not-found', 'too long'],
    ['holds a zero byte', 'a\0b', 'path-not-found', 'is not a path'],
  ])('because it %s', (_, name, code, says) => {
    const folder = folderWith({ 'file.txt': '' });
    const error = caught(() => inspectPath(`${folder}/${name}`));
    expect(error.code).toBe(code);
    expect(error.message).toContain(says);
    expect(error.message).not.toMatch(/\p{Cc}/u);
  });

  it('because it is a link to itself', () => {
    const folder = folderWith({});
    symlinkSync(join(folder, 'loop'), join(folder, 'loop'));
    const error = caught(() => inspectPath(join(folder, 'loop')));
    expect(error.code).toBe('directory-loop');
    expect(error.message).toContain('leads back to itself');
  });

  it.each(['.', '..', '/'])('because below it there is nothing but a link to %s', (target) => {
    const folder = folderWith({});
    symlinkSync(target, join(folder, 'loop'));
    const error = caught(() => inspectPath(folder));
    expect(error.code).toBe('directory-loop');
    expect(error.exitCode).toBe(EXIT.input);
    expect(error.where).toBe(join(folder, 'loop'));
  });

  it.skipIf(process.platform === 'win32')('because it is a named pipe, without waiting for a writer', () => {
    const folder = folderWith({ 'config.json': '{}' });
    execFileSync('mkfifo', [join(folder, 'model.safetensors')]);
    const error = caught(() => openCheckpoint(folder));
    expect(error.code).toBe('not-a-checkpoint');
    expect(error.message).toContain('model.safetensors: is not a regular file');
  });

  it('because a folder has the name of a file', () => {
    const folder = folderWith({ 'config.json': '{}' });
    mkdirSync(join(folder, 'model.safetensors'));
    expect(caught(() => openCheckpoint(folder)).message).toContain('is not a regular file');
  });
});

describe('a damaged config.json', () => {
  it.each([
    ['no JSON', '{"hidden_size": ', 'is not JSON'],
    ['text', 'hello', 'is not JSON'],
    ['a list', '[]', 'is not a JSON object'],
    ['null', 'null', 'is not a JSON object'],
    ['nothing', '', 'is not JSON'],
    ['a long string without end', `{"a": "${'x'.repeat(3_000_000)}`, 'is not JSON'],
    ['millions of brackets', '['.repeat(3_000_000), 'is not JSON'],
    ['too much', ' '.repeat(4_000_001), 'at most 3.81 MiB are read'],
  ])('with %s is refused', (_, content, says) => {
    const folder = folderWith({ 'config.json': content });
    writeSafetensors(join(folder, 'model.safetensors'), [tensor]);
    const error = caught(() => openCheckpoint(folder));
    expect(error.code).toBe('config-invalid');
    expect(error.where).toBe(join(folder, 'config.json'));
    expect(error.message).toContain('config.json');
    expect(error.message).toContain(says);
  });

  it('with hostile fields is read as silent', () => {
    const config = `{"__proto__": {"hidden_size": 7}, "hidden_size": -1, "num_attention_heads": 1e300, "head_dim": "8",
      "architectures": {"0": "x"}, "model_type": 5, "text_config": [], "constructor": {"prototype": {"a": 1}}, "vocab_size": 2.5}`;
    const folder = folderWith({ 'config.json': config });
    writeSafetensors(join(folder, 'model.safetensors'), [tensor]);
    const read = openCheckpoint(folder).config;
    expect(Object.values(read ?? {}).every((value) => value === null)).toBe(true);
    expect(Object.hasOwn(Object.prototype, 'a')).toBe(false);
  });
});

describe('a damaged study.json', () => {
  it('that is no JSON is named', () => {
    const folder = folderWith({ 'study.json': '{' });
    const error = caught(() => inspectPath(folder));
    expect(error.code).toBe('study-invalid');
    expect(error.where).toBe(join(folder, 'study.json'));
  });

  it('of a newer version is refused', () => {
    const folder = folderWith({ 'study.json': '{"schema": "polarimeter.study/2", "name": "x"}' });
    expect(caught(() => inspectPath(join(folder, 'study.json'))).code).toBe('study-version');
  });

  it('of another program does not hide a checkpoint', () => {
    const folder = folderWith({ 'study.json': '{"schema": "other"}' });
    writeSafetensors(join(folder, 'model.safetensors'), [tensor]);
    expect(inspectPath(folder).kind).toBe('checkpoint');
  });
});

describe('a collection with hostile members', () => {
  it('lists the sound ones and gives the reason for each other one', () => {
    const folder = folderWith({});
    writeCheckpoint(join(folder, 'good'), { config: {}, tensors: [tensor] });
    writeCheckpoint(join(folder, 'torn'), { config: {} });
    writeFileSync(join(folder, 'torn', 'model.safetensors'), 'abc');
    symlinkSync('..', join(folder, 'good', 'up'));
    symlinkSync('gone', join(folder, 'dangling'));
    const found = inspectPath(folder);
    if (found.kind !== 'collection') throw new Error(`found a ${found.kind}`);
    expect(found.found.map(({ title }) => title)).toEqual(['good']);
    expect(found.rejected.map(({ path }) => basename(path))).toEqual(['up', 'torn']);
    expect(found.rejected[0]?.reason).toContain('which contains it');
    expect(found.rejected[1]?.reason).toContain('has 3 bytes');
  });

  it('follows two links to one folder once', () => {
    const folder = folderWith({});
    const elsewhere = writeCheckpoint(join(root, 'elsewhere'), { config: {}, tensors: [tensor] });
    for (const name of ['x', 'y']) symlinkSync(elsewhere, join(folder, name));
    const found = inspectPath(folder);
    expect(found.kind === 'collection' && found.found.map(({ title }) => title)).toEqual(['x']);
    rmSync(elsewhere, { recursive: true });
  });
});
