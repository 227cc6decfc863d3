import { type Problem, problemOf } from '../api/problem.ts';

/**
 * A value that the engine has. Asking again replaces it when the answer is there, so that nothing flickers while results are refreshed;
 * an answer that comes after the next question was asked is dropped.
 */
export class Fetched<T> {
  value = $state.raw<T | null>(null);
  problem = $state.raw<Problem | null>(null);
  isAsking = $state(false);
  #question = 0;
  #asked = '';

  async ask(load: () => Promise<T>): Promise<void> {
    const question = ++this.#question;
    this.isAsking = true;
    try {
      const value = await load();
      if (question !== this.#question) return;
      this.value = value;
      this.problem = null;
    } catch (error) {
      if (question === this.#question) this.problem = problemOf(error);
    } finally {
      if (question === this.#question) this.isAsking = false;
    }
  }

  /**
   * Asks unless the same was asked before. A key that differs means another subject: what is shown of the old one goes at once. A
   * revision that differs means newer results of the same subject: the old ones stay until the new ones are there.
   */
  async follow(key: string, revision: number, load: () => Promise<T>): Promise<void> {
    const asked = `${String(revision)} ${key}`;
    if (asked === this.#asked) return;
    if (!this.#asked.endsWith(` ${key}`)) this.value = null;
    this.#asked = asked;
    await this.ask(load);
  }
}
