import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { PolarimeterError } from '../contract/errors.ts';
import { studyWriteError, writing } from './fileErrors.ts';
import { SCHEMA, SCHEMA_VERSION } from './storeSchema.ts';
import { blobOf, encodeParts, storedBinding, storedResult, valuesOf } from './storedFields.ts';

/** A stored outcome. parts and baseline may hold NaN and infinities, which travel as words. */
export interface StoredResult {
  readonly pair: string;
  /** measureKey of the definition, version and parameters. */
  readonly measure: string;
  readonly parts: readonly number[] | null;
  readonly baseline: readonly number[] | null;
  readonly reason: string | null;
  readonly method: string;
  /** Largest relative residual of the decompositions behind it. */
  readonly residual: number | null;
  /** Version of Polarimeter and of its native core that computed it. */
  readonly engine: string;
}

export interface StoredBinding {
  readonly variant: string;
  readonly tensor: string;
  readonly pair: string;
  readonly referenceHash: string;
  readonly variantHash: string;
  /** State of both files when they were hashed. */
  readonly identity: string;
}

export interface StoredCurve {
  readonly subject: string;
  readonly name: string;
  readonly values: Float64Array;
}

/** Rows that are read at a time: some milliseconds of work. */
const PAGE = 2000;

const RESULTS = 'SELECT pair, measure, parts, baseline, reason, method, residual, engine FROM result WHERE';

/** Key of a set of tensors by content: what a result is a function of, besides its measure. */
export function contentKey(parts: readonly (string | number)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

/**
 * Results of a study: results.sqlite in its folder, write-ahead logged. Everything is keyed by content, so the same tensors under
 * other names, or in a moved folder, are not computed again.
 */
export class Store implements Disposable {
  readonly #database: DatabaseSync;
  readonly #path: string;
  /** How many bindings, and how many results, were written here. */
  #bound = 0;
  #put = 0;
  /** Statements by their text: preparing one costs more than most of them do. */
  readonly #statements = new Map<string, StatementSync>();

  /** @param maxPages upper limit of the database in pages of 4 KiB; for tests of a full disk */
  constructor(folder: string, options: { maxPages?: number } = {}) {
    this.#path = join(folder, 'results.sqlite');
    this.#database = writing(this.#path, () => {
      const database = new DatabaseSync(this.#path, { timeout: 5000 });
      database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
      return database;
    });
    this.#prepareSchema();
    if (options.maxPages !== undefined)
      this.#database.exec(`PRAGMA max_page_count = ${String(options.maxPages)}`);
  }

  #prepareSchema(): void {
    const version = this.#database.prepare('PRAGMA user_version').get()?.['user_version'];
    if (typeof version === 'number' && version > SCHEMA_VERSION) {
      throw new PolarimeterError('study-version', `results of schema ${String(version)}`, this.#path);
    }
    writing(this.#path, () => {
      this.#database.exec(`${SCHEMA} PRAGMA user_version = ${String(SCHEMA_VERSION)};`);
    });
  }

  #statement(text: string): StatementSync {
    const known = this.#statements.get(text) ?? this.#database.prepare(text);
    this.#statements.set(text, known);
    return known;
  }

  /** All or nothing; a process that is killed in between loses only this step. */
  transaction<T>(step: () => T): T {
    return writing(this.#path, () => {
      this.#database.exec('BEGIN IMMEDIATE');
      try {
        const result = step();
        this.#database.exec('COMMIT');
        return result;
      } catch (error) {
        if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
        throw studyWriteError(error, this.#path);
      }
    });
  }

  contentHash(file: string, offset: number, identity: string): string | null {
    const row = this.#statement(
      'SELECT hash FROM content WHERE file = ? AND offset = ? AND identity = ?',
    ).get(file, offset, identity);
    return typeof row?.['hash'] === 'string' ? row['hash'] : null;
  }

  rememberContent(entry: { file: string; offset: number; identity: string; hash: string }): void {
    const { file, offset, identity, hash } = entry;
    this.#statement('INSERT OR REPLACE INTO content VALUES (?, ?, ?, ?)').run(file, offset, identity, hash);
  }

  bind(binding: StoredBinding): void {
    const { variant, tensor, pair, referenceHash, variantHash, identity } = binding;
    this.#bound++;
    this.#statement('INSERT OR REPLACE INTO binding VALUES (?, ?, ?, ?, ?, ?)').run(
      variant,
      tensor,
      pair,
      referenceHash,
      variantHash,
      identity,
    );
  }

  bindings(): StoredBinding[] {
    return [...this.bindingPages()].flat();
  }

  binding(variant: string, tensor: string): StoredBinding | null {
    const statement = this.#statement('SELECT * FROM binding WHERE variant = ? AND tensor = ?');
    statement.setReturnArrays(true);
    const row = statement.get(variant, tensor) as unknown as unknown[] | undefined;
    return row ? storedBinding(row) : null;
  }

  /** Another word after every change by another process. */
  othersVersion(): string {
    return String(this.#statement('PRAGMA data_version').get()?.['data_version']);
  }

  /** Grows with every binding and result that is written here. */
  get writes(): number {
    return this.#bound + this.#put;
  }

  /** Another word after every change of the bindings, here or by another process. */
  bindingsVersion(): string {
    return `${this.othersVersion()} ${String(this.#bound)}`;
  }

  /** All bindings, a few thousand at a time: a caller may do something else in between. */
  *bindingPages(): Generator<StoredBinding[]> {
    const statement = this.#statement(
      'SELECT * FROM binding WHERE (variant, tensor) > (?, ?) ORDER BY variant, tensor LIMIT ?',
    );
    statement.setReturnArrays(true);
    let page: StoredBinding[] = [];
    do {
      const { variant, tensor } = page.at(-1) ?? { variant: '', tensor: '' };
      page = (statement.all(variant, tensor, PAGE) as unknown as unknown[][]).map(storedBinding);
      if (page.length > 0) yield page;
    } while (page.length === PAGE);
  }

  /** Puts the bindings of a label aside under a key of what they compare. A label never begins with ">". */
  shelve(label: string, key: string): void {
    this.#statement('UPDATE OR REPLACE binding SET variant = ? WHERE variant = ?').run(`>${key}`, label);
  }

  /** Gives a label the bindings that lie under a key. */
  unshelve(key: string, label: string): void {
    this.#statement(
      `INSERT OR REPLACE INTO binding
       SELECT ?, tensor, pair, reference_hash, variant_hash, identity FROM binding WHERE variant = ?`,
    ).run(label, `>${key}`);
  }

  clearShelf(key: string): void {
    this.#statement('DELETE FROM binding WHERE variant = ?').run(`>${key}`);
  }

  /** Measure keys that have a result for a pair. */
  measuresOf(pair: string): Set<string> {
    const statement = this.#statement('SELECT measure FROM result WHERE pair = ?');
    statement.setReturnArrays(true);
    return new Set((statement.all(pair) as unknown as unknown[][]).map(([measure]) => String(measure)));
  }

  /** The same for every pair, in one pass over the table: asked pair by pair, a large model takes seconds. */
  allMeasures(): Map<string, ReadonlySet<string>> {
    const statement = this.#statement(
      'SELECT pair, group_concat(measure, char(10)) FROM result GROUP BY pair',
    );
    statement.setReturnArrays(true);
    // Most pairs have the same measures: they share one set.
    const sets = new Map<string, ReadonlySet<string>>();
    const all = new Map<string, ReadonlySet<string>>();
    for (const [pair, joined] of statement.iterate() as unknown as Iterable<[string, string]>) {
      const known = sets.get(joined) ?? new Set(joined.split('\n'));
      sets.set(joined, known);
      all.set(pair, known);
    }
    return all;
  }

  put(result: StoredResult): void {
    const { pair, measure, parts, baseline, reason, method, residual, engine } = result;
    this.#put++;
    this.#statement('INSERT OR REPLACE INTO result VALUES (?, ?, ?, ?, ?, ?, ?, ?)').run(
      pair,
      measure,
      encodeParts(parts),
      encodeParts(baseline),
      reason,
      method,
      residual,
      engine,
    );
  }

  /** Results of one measure key, by pair. */
  results(measure: string): Map<string, StoredResult> {
    return new Map([...this.resultPages(measure)].flat().map((result) => [result.pair, result]));
  }

  result(pair: string, measure: string): StoredResult | null {
    const statement = this.#statement(`${RESULTS} pair = ? AND measure = ?`);
    statement.setReturnArrays(true);
    const row = statement.get(pair, measure) as unknown as unknown[] | undefined;
    return row ? storedResult(row) : null;
  }

  /** Results of one measure key, a few thousand at a time: a caller may do something else in between. */
  *resultPages(measure: string): Generator<StoredResult[]> {
    const statement = this.#statement(`${RESULTS} measure = ? AND pair > ? ORDER BY pair LIMIT ?`);
    // Rows as objects would cost more than everything else here.
    statement.setReturnArrays(true);
    let page: StoredResult[] = [];
    do {
      const after = page.at(-1)?.pair ?? '';
      page = (statement.all(measure, after, PAGE) as unknown as unknown[][]).map(storedResult);
      if (page.length > 0) yield page;
    } while (page.length === PAGE);
  }

  /** Notes why the decompositions of a pair were left out of the last run. */
  skip(pair: string, reason: string): void {
    this.#statement('INSERT OR REPLACE INTO skipped VALUES (?, ?)').run(pair, reason);
  }

  forgetSkipped(): void {
    this.transaction(() => {
      this.#database.exec('DELETE FROM skipped');
    });
  }

  skipped(): Map<string, string> {
    const rows = this.#statement('SELECT * FROM skipped').all();
    return new Map(rows.map((row) => [String(row['pair']), String(row['reason'])]));
  }

  /** Stored as little-endian float32. */
  putCurve({ subject, name, values }: StoredCurve): void {
    this.#statement('INSERT OR REPLACE INTO curve VALUES (?, ?, ?, ?)').run(
      subject,
      name,
      JSON.stringify([values.length]),
      blobOf(values),
    );
  }

  curves(subject: string): StoredCurve[] {
    return this.#statement('SELECT name, data FROM curve WHERE subject = ? ORDER BY name')
      .all(subject)
      .map((row) => ({ subject, name: String(row['name']), values: valuesOf(row['data'] as Uint8Array) }));
  }

  /** Headers as last seen, so that a study can be read where its checkpoints are not. */
  putHeader(label: string, checkpoint: string): void {
    writing(this.#path, () => {
      this.#statement('INSERT OR REPLACE INTO header VALUES (?, ?)').run(label, checkpoint);
    });
  }

  header(label: string): string | null {
    const row = this.#statement('SELECT checkpoint FROM header WHERE label = ?').get(label);
    return typeof row?.['checkpoint'] === 'string' ? row['checkpoint'] : null;
  }

  [Symbol.dispose](): void {
    if (this.#database.isOpen) this.#database.close();
  }
}
