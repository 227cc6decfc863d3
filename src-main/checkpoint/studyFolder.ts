import { join } from 'node:path';
import { PolarimeterError } from '../contract/errors.ts';
import { fileError } from './fileErrors.ts';
import { readTextFile } from './readTextFile.ts';

const STUDY_FILE = 'study.json';
const SCHEMA = /^polarimeter\.study\/(\d+)$/;
const NEWEST = 1;
const LARGEST = 16_000_000;

interface StudyHead {
  readonly schema: string;
  readonly name: string;
}

function readHead(path: string): StudyHead | null {
  const text = readTextFile(path, LARGEST, 'study-invalid');
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw fileError('study-invalid', path, 'is not JSON');
  }
  if (typeof parsed !== 'object' || parsed === null) return null;
  const { schema, name } = parsed as Record<string, unknown>;
  return typeof schema === 'string' && typeof name === 'string' ? { schema, name } : null;
}

/**
 * Name of the study in a folder; null when its study.json is absent or belongs to another program.
 * Fails with study-invalid when the file is no JSON, and study-version when a newer Polarimeter wrote it.
 */
export function readStudyName(folder: string): string | null {
  const path = join(folder, STUDY_FILE);
  try {
    const head = readHead(path);
    const version = SCHEMA.exec(head?.schema ?? '')?.[1];
    if (head === null || version === undefined) return null;
    if (Number(version) > NEWEST)
      throw fileError('study-version', path, `has version ${version} of the study format`);
    return head.name;
  } catch (error) {
    if (error instanceof PolarimeterError && error.code === 'path-not-found') return null;
    throw error;
  }
}
