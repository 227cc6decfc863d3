import { DatabaseSync } from 'node:sqlite';
import { PolarimeterError } from '../contract/errors.ts';
import { writing } from '../study/fileErrors.ts';

/** A write-ahead logged database with these tables. fails study-read-only, disk-full, study-invalid, study-version for a later schema */
export function openDatabase(path: string, schema: string, version: number): DatabaseSync {
  return writing(path, () => {
    const database = new DatabaseSync(path, { timeout: 5000 });
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
    const stored = database.prepare('PRAGMA user_version').get()?.['user_version'];
    if (typeof stored === 'number' && stored > version)
      throw new PolarimeterError('study-version', `tables of schema ${String(stored)}`, path);
    database.exec(`${schema} PRAGMA user_version = ${String(version)};`);
    return database;
  });
}
