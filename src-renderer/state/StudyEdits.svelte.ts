import { editOf, type StudyEdit } from '../../src-main/contract/editStudy.ts';
import type { Role } from '../../src-main/contract/rows.ts';
import type { Variant } from '../../src-main/contract/study.ts';
import { ApiFailure, type Problem, problemOf } from '../api/problem.ts';
import type { StudyState } from './StudyState.svelte.ts';

/** One edit that was made, by the study before and after it. */
interface Change {
  /** e.g. "the role of rl-1". */
  readonly subject: string;
  readonly before: StudyEdit;
  readonly after: StudyEdit;
}

/** What the last edit did, in words. */
export interface Said {
  readonly words: string;
  readonly canUndo: boolean;
}

const LONGEST_HISTORY = 100;

const withVariant = (edit: StudyEdit, label: string, change: Partial<Variant>): StudyEdit => ({
  ...edit,
  variants: edit.variants.map((variant) => (variant.label === label ? { ...variant, ...change } : variant)),
});

/** Edits of a study one after another, and the way back: an undo sends the version before as a new edit. */
export class StudyEdits {
  readonly #study: StudyState;
  #past = $state.raw<readonly Change[]>([]);
  #future = $state.raw<readonly Change[]>([]);
  #queue: Promise<unknown> = Promise.resolve();
  said = $state.raw<Said | null>(null);
  problem = $state.raw<Problem | null>(null);
  isSaving = $state(false);

  /** While a run goes on the study stays as it is. */
  readonly isLocked = $derived.by(() => this.#study.isRunning);
  readonly canUndo = $derived(this.#past.length > 0);
  readonly canRedo = $derived(this.#future.length > 0);

  constructor(study: StudyState) {
    this.#study = study;
  }

  rename(label: string, name: string): Promise<boolean> {
    return this.make('the label', `${label} is now called ${name}`, (edit) => ({
      ...edit,
      variants: edit.variants.map((variant) => ({
        ...variant,
        label: variant.label === label ? name : variant.label,
        from: variant.from === label ? name : variant.from,
      })),
    }));
  }

  setRole(label: string, role: Role, words: string): Promise<boolean> {
    return this.make(`the role of ${label}`, `Role of ${label} is now ${words}`, (edit) =>
      withVariant(edit, label, { role }),
    );
  }

  setFrom(label: string, from: string): Promise<boolean> {
    return this.make(`the reference of ${label}`, `${label} is now compared with ${from}`, (edit) =>
      withVariant(edit, label, { from }),
    );
  }

  setRun(label: string, run: string | null): Promise<boolean> {
    const words = run === null ? `${label} is of no run now` : `${label} is now of run ${run}`;
    return this.make(`the run of ${label}`, words, (edit) => withVariant(edit, label, { run }));
  }

  setStep(label: string, step: number | null): Promise<boolean> {
    const words = step === null ? `${label} has no step now` : `${label} is now step ${String(step)}`;
    return this.make(`the step of ${label}`, words, (edit) => withVariant(edit, label, { step }));
  }

  /** One place up or down. */
  move(label: string, by: -1 | 1): Promise<boolean> {
    const words = `${label} is now one place further ${by < 0 ? 'up' : 'down'}`;
    return this.make('the order', words, (edit) => {
      const at = edit.variants.findIndex((variant) => variant.label === label);
      const variants = edit.variants.filter((variant) => variant.label !== label);
      variants.splice(at + by, 0, ...edit.variants.slice(at, at + 1));
      return { ...edit, variants };
    });
  }

  /** Takes a variant out; what was compared with it is compared with what it came from. No file is touched. */
  remove(label: string): Promise<boolean> {
    return this.make(`the removal of ${label}`, `${label} is removed; its files and results stay`, (edit) => {
      const from = edit.variants.find((variant) => variant.label === label)?.from ?? 'base';
      const rest = edit.variants.filter((variant) => variant.label !== label);
      return {
        ...edit,
        variants: rest.map((variant) => (variant.from === label ? { ...variant, from } : variant)),
      };
    });
  }

  add(added: readonly Variant[]): Promise<boolean> {
    const labels = added.map(({ label }) => label).join(', ');
    const words = `${labels} ${added.length === 1 ? 'is' : 'are'} added`;
    return this.make(`the addition of ${labels}`, words, (edit) => ({
      ...edit,
      variants: [...edit.variants, ...added],
    }));
  }

  /** One edit, after those that are under way. False when it could not be made; `problem` says why. */
  make(subject: string, words: string, change: (edit: StudyEdit) => StudyEdit): Promise<boolean> {
    return this.#inTurn(async () => {
      const before = this.#current();
      const after = change(before);
      if (JSON.stringify(after) === JSON.stringify(before)) return true;
      const isMade = await this.#send(after, { words, canUndo: true });
      if (!isMade) return false;
      this.#past = [...this.#past, { subject, before, after }].slice(-LONGEST_HISTORY);
      this.#future = [];
      return true;
    });
  }

  undo(): Promise<boolean> {
    return this.#inTurn(async () => {
      const change = this.#past.at(-1);
      const words = `Undone: ${change?.subject ?? ''}`;
      if (!change || !(await this.#send(change.before, { words, canUndo: false }))) return false;
      this.#past = this.#past.slice(0, -1);
      this.#future = [...this.#future, change];
      return true;
    });
  }

  redo(): Promise<boolean> {
    return this.#inTurn(async () => {
      const change = this.#future.at(-1);
      const words = `Done again: ${change?.subject ?? ''}`;
      if (!change || !(await this.#send(change.after, { words, canUndo: true }))) return false;
      this.#future = this.#future.slice(0, -1);
      this.#past = [...this.#past, change];
      return true;
    });
  }

  dismiss(): void {
    this.said = null;
    this.problem = null;
  }

  #current(): StudyEdit {
    const { view } = this.#study;
    if (!view) throw new Error('a study is edited before it is there');
    return editOf(view.file);
  }

  #inTurn(work: () => Promise<boolean>): Promise<boolean> {
    const done = this.#queue.then(work);
    this.#queue = done.catch(() => undefined);
    return done;
  }

  async #send(edit: StudyEdit, said: Said): Promise<boolean> {
    const { client, id, view } = this.#study;
    this.isSaving = true;
    try {
      this.#study.adopt(await client.edit(id, { ...edit, revision: view?.revision ?? 0 }));
      this.said = said;
      this.problem = null;
      return true;
    } catch (error) {
      this.said = null;
      this.problem = problemOf(error);
      if (error instanceof ApiFailure && error.problem.code === 'study-changed') await this.#startOver();
      return false;
    } finally {
      this.isSaving = false;
    }
  }

  /** Somebody else has edited the study: the versions that were kept would take that back. */
  async #startOver(): Promise<void> {
    this.#past = [];
    this.#future = [];
    this.#study.adopt(await this.#study.client.view(this.#study.id));
  }
}
