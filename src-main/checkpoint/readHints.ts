import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PolarimeterError } from '../contract/errors.ts';
import type { CheckpointHints } from '../contract/guessVariant.ts';
import { systemCode } from './fileErrors.ts';
import { withFile } from './readBytes.ts';
import { readTextFile } from './readTextFile.ts';

const LARGEST_CONFIG = 4_000_000;
const LONGEST_NAME = 4096;
/** The columns of a log stand in its first entries. */
const LOG_HEAD = 65_536;
const RL_COLUMNS =
  /"(?:rewards?(?:\/[^"]*)?|kl|objective\/kl|completions?[_/][^"]*|policy\/[^"]*|clip_ratio[^"]*)"/;

/** Hints are guesses: what cannot be read gives none. */
function unlessBlocked<T>(look: () => T): T | null {
  try {
    return look();
  } catch (error) {
    if (error instanceof PolarimeterError || error instanceof SyntaxError || systemCode(error) !== null)
      return null;
    throw error;
  }
}

function named(path: string, field: string): string | null {
  const parsed = unlessBlocked((): unknown =>
    JSON.parse(readTextFile(path, LARGEST_CONFIG, 'config-invalid')),
  );
  const value =
    typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>)[field] : null;
  return typeof value === 'string' && value !== '' && value.length <= LONGEST_NAME ? value : null;
}

function columns(log: string): CheckpointHints['logged'] {
  if (RL_COLUMNS.test(log)) return 'rl';
  return /"(?:train_)?loss"/.test(log) ? 'sft' : null;
}

/** What the files beside the weights say of how a checkpoint came to be. Nothing is executed, and nothing fails. */
export function readHints(path: string): CheckpointHints {
  const folder = unlessBlocked(() => statSync(path).isDirectory()) === false ? dirname(path) : path;
  const log = unlessBlocked(() =>
    withFile(join(folder, 'trainer_state.json'), ({ read }) => read(0, LOG_HEAD).toString('latin1')),
  );
  return {
    origin:
      named(join(folder, 'adapter_config.json'), 'base_model_name_or_path') ??
      named(join(folder, 'config.json'), '_name_or_path'),
    logged: log === null ? null : columns(log),
    isTrained: log !== null,
  };
}
