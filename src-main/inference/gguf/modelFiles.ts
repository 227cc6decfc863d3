import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readTextFile } from '../../checkpoint/readTextFile.ts';
import type { Checkpoint } from '../../contract/checkpoint.ts';
import { PolarimeterError } from '../../contract/errors.ts';
import { companionFolders } from '../../recipes/companionFolders.ts';
import { openModel } from '../../recipes/openModel.ts';
import { readJsonFields, type JsonFields } from '../../checkpoint/readJsonFields.ts';

/** What stands beside the weights of a model, as far as running it needs it. */
export interface ModelFiles {
  /** Fields of config.json; of a multimodal model those of its language model first. */
  readonly config: JsonFields;
  readonly generation: JsonFields;
  /** Of tokenizer.json. */
  readonly tokenizerPath: string;
  readonly tokenizerConfig: JsonFields;
  readonly chatTemplate: string | null;
}

const LARGEST_JSON = 16_000_000;
/** Where multimodal configurations keep the language model. */
const TEXT_CONFIG = 'text_config';

/** The first of the folders that has the file. */
function find(folders: readonly string[], name: string): string | null {
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? null;
}

function readFields(folders: readonly string[], name: string): JsonFields {
  const path = find(folders, name);
  return path === null ? {} : readJsonFields(path, LARGEST_JSON, 'config-invalid');
}

function readConfig(folders: readonly string[], path: string): JsonFields {
  const file = find(folders, 'config.json');
  if (file === null) {
    const what = 'there is no config.json, which says how the model is built';
    throw new PolarimeterError('model-unsupported', what, path);
  }
  const outer = readJsonFields(file, LARGEST_JSON, 'config-invalid');
  const inner = z.record(z.string(), z.unknown()).safeParse(outer[TEXT_CONFIG]);
  return inner.success ? { ...outer, ...inner.data } : outer;
}

const ChatTemplate = z.union([
  z.string(),
  z.array(z.object({ name: z.string(), template: z.string() })).max(1000),
]);

const LONGEST_TEMPLATE = 4_000_000;

/** A template in a file of its own, as transformers writes it since 2025. */
function templateFile(folders: readonly string[]): string | null {
  const path = find(folders, 'chat_template.jinja');
  return path === null ? null : readTextFile(path, LONGEST_TEMPLATE, 'config-invalid');
}

function templateIn(fields: JsonFields): string | null {
  const { data } = ChatTemplate.safeParse(fields['chat_template']);
  if (data === undefined || typeof data === 'string') return data ?? null;
  return data.find(({ name }) => name === 'default')?.template ?? null;
}

/** Reads config.json and what goes with tokenizer.json, and finds that. Fails with tokenizer-missing, model-unsupported, config-invalid. */
export function readModelFiles(checkpoint: Checkpoint): ModelFiles {
  const folders = companionFolders(checkpoint, openModel);
  const tokenizerPath = find(folders, 'tokenizer.json');
  if (tokenizerPath === null) {
    const other = ['tokenizer.model', 'vocab.json'].find((name) => find(folders, name) !== null);
    const what = `there is no tokenizer.json${other === undefined ? '' : `, only ${other}`}`;
    throw new PolarimeterError('tokenizer-missing', what, checkpoint.path);
  }
  const tokenizerConfig = readFields(folders, 'tokenizer_config.json');
  return {
    config: readConfig(folders, checkpoint.path),
    generation: readFields(folders, 'generation_config.json'),
    tokenizerPath,
    tokenizerConfig,
    chatTemplate:
      templateFile(folders) ??
      templateIn(tokenizerConfig) ??
      templateIn(readFields(folders, 'chat_template.json')),
  };
}
