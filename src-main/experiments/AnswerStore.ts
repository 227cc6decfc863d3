import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Outcome } from '../contract/probe.ts';
import { studyWriteError, writing } from '../study/fileErrors.ts';
import { answerSubject, type AnswerSource } from './answerSubject.ts';
import { openDatabase } from './openDatabase.ts';

const SCHEMA_VERSION = 1;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS subject (
    key TEXT NOT NULL PRIMARY KEY, model TEXT NOT NULL, probe TEXT NOT NULL, settings TEXT NOT NULL, evaluator TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS answer (
    subject TEXT NOT NULL, problem TEXT NOT NULL, correct INTEGER NOT NULL, verdict TEXT NOT NULL, text TEXT NOT NULL,
    tokens INTEGER NOT NULL, ended TEXT NOT NULL, tries INTEGER,
    PRIMARY KEY (subject, problem)
  ) WITHOUT ROWID;
`;

const NAME = 'answers.sqlite';

/**
 * Where the answers of a sweep lie: beside the results of the study that it belongs to (STUDY/sweeps/ID), so that its sweeps share them, else
 * in its own folder. They are results and not a cache: hours of a machine, which no pruning of the work folder may take, and which move with
 * the folder to wherever they are read.
 */
export function answersFile(sweepFolder: string): string {
  const study = dirname(dirname(sweepFolder));
  return join(existsSync(join(study, 'study.json')) ? study : sweepFolder, NAME);
}

interface Row {
  readonly problem: string;
  readonly correct: number;
  readonly verdict: string;
  readonly text: string;
  readonly tokens: number;
  readonly ended: Outcome['answer']['ended'];
  readonly tries: number | null;
}

const outcomeOf = ({ problem, correct, verdict, tries, ...answer }: Row): Outcome => ({
  problem,
  correct: correct === 1,
  verdict,
  answer,
  ...(tries === null ? {} : { tries }),
});

/** Judged answers by model, problems, settings and evaluator, write-ahead logged. Several processes may use one file. */
export class AnswerStore implements Disposable {
  readonly #database: DatabaseSync;
  readonly #path: string;
  readonly #insert: StatementSync;
  readonly #count: StatementSync;

  /** fails study-read-only, disk-full, study-version, study-invalid */
  constructor(path: string) {
    this.#path = path;
    this.#database = openDatabase(path, SCHEMA, SCHEMA_VERSION);
    this.#insert = this.#database.prepare('INSERT OR REPLACE INTO answer VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
    this.#count = this.#database.prepare('SELECT count(*) AS n FROM answer WHERE subject = ?');
  }

  /** The key of these answers; what it stands for is written down beside them. */
  subject(source: AnswerSource): string {
    const key = answerSubject(source);
    const { model, probe, settings, evaluator } = source;
    writing(this.#path, () => {
      this.#database
        .prepare('INSERT OR IGNORE INTO subject VALUES (?, ?, ?, ?, ?)')
        .run(key, model, probe, JSON.stringify(settings), JSON.stringify(evaluator));
    });
    return key;
  }

  /** By problem. */
  outcomes(subject: string): Map<string, Outcome> {
    const rows = this.#database
      .prepare('SELECT problem, correct, verdict, text, tokens, ended, tries FROM answer WHERE subject = ?')
      .all(subject) as unknown as Row[];
    return new Map(rows.map((row) => [row.problem, outcomeOf(row)]));
  }

  count(subject: string): number {
    return Number(this.#count.get(subject)?.['n'] ?? 0);
  }

  /** All or nothing. fails disk-full, study-busy */
  add(subject: string, outcomes: readonly Outcome[]): void {
    if (outcomes.length === 0) return;
    writing(this.#path, () => {
      this.#database.exec('BEGIN IMMEDIATE');
      try {
        for (const { problem, correct, verdict, answer, tries = null } of outcomes) {
          const { text, tokens, ended } = answer;
          this.#insert.run(subject, problem, correct ? 1 : 0, verdict, text, tokens, ended, tries);
        }
        this.#database.exec('COMMIT');
      } catch (error) {
        if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
        throw studyWriteError(error, this.#path);
      }
    });
  }

  [Symbol.dispose](): void {
    if (this.#database.isOpen) this.#database.close();
  }
}
