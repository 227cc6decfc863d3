import type { Terminal } from '../../src-main/cli/Terminal.ts';

/** A terminal that keeps what is written to it. */
export class MemoryTerminal implements Terminal {
  stdout = '';
  stderr = '';
  readonly live: boolean;
  readonly colour: boolean;
  readonly columns: number;
  readonly folder: string;

  constructor(options: Partial<Pick<Terminal, 'live' | 'colour' | 'columns' | 'folder'>> = {}) {
    this.live = options.live ?? false;
    this.colour = options.colour ?? false;
    this.columns = options.columns ?? 100;
    this.folder = options.folder ?? process.cwd();
  }

  out(text: string): void {
    this.stdout += text;
  }

  err(text: string): void {
    this.stderr += text;
  }
}
