import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** How a study stood when it was last seen; a run that nobody saw the end of was cut off. */
const LastState = z.enum(['idle', 'done', 'cancelled', 'failed']);

const RecentStudy = z.object({ folder: z.string(), state: LastState });
export type RecentStudy = z.infer<typeof RecentStudy>;

const RecentFile = z.object({
  schema: z.literal('polarimeter.recent/1'),
  /** Newest first. */
  studies: z.array(RecentStudy),
});

const LONGEST = 20;

/** The studies that were opened last, newest first, in recent.json of the state folder. The list never leaves this machine. */
export class RecentStudies {
  readonly #folder: string;
  readonly #file: string;
  readonly #warn: (message: string) => void;
  #kept: RecentStudy[] = [];

  constructor(folder: string, warn: (message: string) => void) {
    this.#folder = folder;
    this.#file = join(folder, 'recent.json');
    this.#warn = warn;
  }

  /** Read afresh each time: another window or server may have added one. A missing or damaged list counts as what is remembered. */
  list(): readonly RecentStudy[] {
    try {
      return RecentFile.parse(JSON.parse(readFileSync(this.#file, 'utf8'))).studies;
    } catch {
      return this.#kept;
    }
  }

  /** Puts a study in front. */
  open(study: RecentStudy): void {
    this.#write([study, ...this.list().filter(({ folder }) => folder !== study.folder)].slice(0, LONGEST));
  }

  /** Notes how a listed study stands, leaving its place in the list. */
  note(study: RecentStudy): void {
    this.#write(this.list().map((other) => (other.folder === study.folder ? study : other)));
  }

  /** Takes studies off the list. */
  forget(isMeant: (folder: string) => boolean): void {
    this.#write(this.list().filter(({ folder }) => !isMeant(folder)));
  }

  /** The list is a convenience: where it cannot be written it lives in memory, and the log says so. */
  #write(studies: RecentStudy[]): void {
    this.#kept = studies;
    const temporary = `${this.#file}.${String(process.pid)}.tmp`;
    try {
      mkdirSync(this.#folder, { recursive: true });
      writeFileSync(temporary, `${JSON.stringify({ schema: 'polarimeter.recent/1', studies }, null, 2)}\n`);
      renameSync(temporary, this.#file);
    } catch (error) {
      this.#warn(`the list of recent studies cannot be written: ${String(error)}`);
    }
  }
}
