/** Where a command reads its surroundings and writes: data to `out`, progress and messages to `err`. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Whether stderr is a screen that one line can be redrawn on. */
  readonly live: boolean;
  /** Whether `out` may carry colours; `err` never does. */
  readonly colour: boolean;
  /** Characters per line. */
  readonly columns: number;
  readonly folder: string;
}
