import type { DatabaseSync, SQLInputValue, SQLOutputValue } from 'node:sqlite';
import { join } from 'node:path';
import { z } from 'zod';
import { EvaluatorInfo } from '../contract/evaluator.ts';
import { ProbeKind } from '../contract/probe.ts';
import { Rung, SweepEstimate, SweepProgress, Trial, TrialCost, TrialResult } from '../contract/sweep.ts';
import { writing } from '../study/fileErrors.ts';
import { openDatabase } from './openDatabase.ts';

const SCHEMA_VERSION = 1;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS note (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS trial (
    id TEXT NOT NULL PRIMARY KEY, place INTEGER NOT NULL, trial TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'waiting', reason TEXT,
    scope TEXT, fingerprint TEXT, moved TEXT, cost TEXT
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS rung (place INTEGER NOT NULL PRIMARY KEY, rung TEXT NOT NULL) WITHOUT ROWID;
`;

/** Problems that are asked together: a whole probe, or the half of it that repair chooses by or confirms with. In the order in which they are asked. */
export const ProbePart = z.object({
  scope: z.enum(['all', 'selection', 'held-out']),
  probe: z.string(),
  kind: ProbeKind,
  fingerprint: z.string(),
  problems: z.array(z.string()),
});
export type ProbePart = z.infer<typeof ProbePart>;
export type Scope = ProbePart['scope'];

/** What the answers so far hang on: another one makes all of them those of another sweep. */
export const Basis = z.object({
  target: z.string(),
  donor: z.string(),
  reference: z.string().nullable(),
  parts: z.array(ProbePart),
});
export type Basis = z.infer<typeof Basis>;

const Ending = z.object({
  state: z.enum(['done', 'cancelled', 'failed']),
  error: SweepProgress.shape.error,
});
export type Ending = z.infer<typeof Ending>;

/** A trial as it stands. */
export interface StoredTrial {
  readonly trial: Trial;
  readonly state: TrialResult['state'];
  readonly reason: string | null;
  /** The problems that it is judged by, and how many of each probe; null before it has any. */
  readonly scope: { readonly part: Scope; readonly share: number } | null;
  readonly fingerprint: string | null;
  readonly moved: TrialResult['moved'];
  readonly cost: TrialCost | null;
}

const StoredScope = z.object({ part: ProbePart.shape.scope, share: z.number() });

type Row = Record<string, SQLOutputValue>;

function parsed<T>(schema: z.ZodType<T>, text: SQLOutputValue | undefined): T | null {
  return typeof text === 'string' ? schema.parse(JSON.parse(text)) : null;
}

const Text = z.string().nullable();

function storedTrial(row: Row): StoredTrial {
  return {
    trial: Trial.parse(JSON.parse(String(row['trial']))),
    state: TrialResult.shape.state.parse(row['state']),
    reason: Text.parse(row['reason']),
    scope: parsed(StoredScope, row['scope']),
    fingerprint: Text.parse(row['fingerprint']),
    moved: parsed(TrialResult.shape.moved, row['moved']),
    cost: parsed(TrialCost, row['cost']),
  };
}

/** What a sweep knows besides its answers: sweep.sqlite in its folder, write-ahead logged. */
export class SweepStore implements Disposable {
  readonly #database: DatabaseSync;
  readonly #path: string;

  constructor(folder: string) {
    this.#path = join(folder, 'sweep.sqlite');
    this.#database = openDatabase(this.#path, SCHEMA, SCHEMA_VERSION);
  }

  #run(text: string, ...values: SQLInputValue[]): void {
    writing(this.#path, () => this.#database.prepare(text).run(...values));
  }

  /** Adds trials that are not there yet, behind those that are. */
  plan(trials: readonly Trial[]): void {
    const last = this.#database.prepare('SELECT max(place) AS place FROM trial').get()?.['place'];
    let place = typeof last === 'number' ? last : 0;
    for (const trial of trials) {
      this.#run(
        'INSERT OR IGNORE INTO trial (id, place, trial) VALUES (?, ?, ?)',
        trial.id,
        ++place,
        JSON.stringify(trial),
      );
    }
  }

  /** In the order of the plan. */
  trials(): StoredTrial[] {
    return this.#database.prepare('SELECT * FROM trial ORDER BY place').all().map(storedTrial);
  }

  update(id: string, change: Partial<Omit<StoredTrial, 'trial'>>): void {
    for (const [column, value] of Object.entries(change)) {
      const isText = typeof value === 'string' || value === null;
      // Columns are the names of fields, never what somebody typed.
      this.#run(`UPDATE trial SET ${column} = ? WHERE id = ?`, isText ? value : JSON.stringify(value), id);
    }
  }

  /** Every trial waits again; its answers stay where they are. */
  reset(): void {
    this.#run(
      "UPDATE trial SET state = 'waiting', reason = NULL, scope = NULL, fingerprint = NULL, moved = NULL, cost = NULL",
    );
    this.#run('DELETE FROM rung');
  }

  /** Takes trials out that are no longer planned. */
  drop(ids: readonly string[]): void {
    for (const id of ids) this.#run('DELETE FROM trial WHERE id = ?', id);
  }

  #note<T>(name: string, schema: z.ZodType<T>): T | null {
    return parsed(
      schema,
      this.#database.prepare('SELECT value FROM note WHERE name = ?').get(name)?.['value'],
    );
  }

  #setNote(name: string, value: unknown): void {
    this.#run('INSERT OR REPLACE INTO note VALUES (?, ?)', name, JSON.stringify(value));
  }

  get basis(): Basis | null {
    return this.#note('basis', Basis);
  }

  set basis(basis: Basis | null) {
    this.#setNote('basis', basis);
  }

  /** Who answered. */
  get evaluator(): EvaluatorInfo | null {
    return this.#note('evaluator', EvaluatorInfo.nullable());
  }

  set evaluator(info: EvaluatorInfo | null) {
    this.#setNote('evaluator', info);
  }

  /** Of the runs so far. */
  get millisElapsed(): number {
    return this.#note('millis', z.number()) ?? 0;
  }

  set millisElapsed(millis: number) {
    this.#setNote('millis', millis);
  }

  /** How the last run ended; null while one goes on, and before the first. */
  get ending(): Ending | null {
    return this.#note('ending', Ending.nullable());
  }

  set ending(ending: Ending | null) {
    this.#setNote('ending', ending);
  }

  get estimate(): SweepEstimate | null {
    return this.#note('estimate', SweepEstimate.nullable());
  }

  set estimate(estimate: SweepEstimate | null) {
    this.#setNote('estimate', estimate);
  }

  rungs(): Rung[] {
    const rows = this.#database.prepare('SELECT rung FROM rung ORDER BY place').all();
    return rows.map((row) => Rung.parse(JSON.parse(String(row['rung']))));
  }

  addRung(place: number, rung: Rung): void {
    this.#run('INSERT OR REPLACE INTO rung VALUES (?, ?)', place, JSON.stringify(rung));
  }

  [Symbol.dispose](): void {
    if (this.#database.isOpen) this.#database.close();
  }
}
