import { join, resolve } from 'node:path';
import { PolarimeterError } from '../contract/errors.ts';
import type { StudyFile } from '../contract/study.ts';
import { Study } from '../study/Study.ts';

const MOST_FOLDERS = 99;

/**
 * The study of `file` in the folder that was asked for; else in NAME.polarimeter of the current folder, or in NAME-2.polarimeter and so
 * on where these hold other studies. A folder that holds this very study is opened.
 * fails as Study.create
 */
export function makeStudy(file: StudyFile, out: string | undefined, current: string): Study {
  if (out !== undefined) return Study.create(resolve(current, out), file);
  for (let number = 1; ; number++) {
    const folder = join(current, defaultFolder(file.name, number));
    try {
      return Study.create(folder, file);
    } catch (error) {
      const taken = error instanceof PolarimeterError && error.code === 'study-mismatch';
      if (!taken || number === MOST_FOLDERS) throw error;
    }
  }
}

/** A folder name from a study's name: letters, digits and . _ - only. */
function defaultFolder(name: string, number: number): string {
  const slug = name.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[-.]+|[-.]+$/g, '');
  return `${slug === '' ? 'study' : slug}${number > 1 ? `-${String(number)}` : ''}.polarimeter`;
}
