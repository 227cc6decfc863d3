/** How an answer was judged: "correct" or a word for what was wrong. */
export interface Judgement {
  readonly correct: boolean;
  readonly verdict: string;
}
