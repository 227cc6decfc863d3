/** What is wrong with a pickle: its bytes make no sense, or they ask for something that a list of weights does not need. */
export class PickleFault extends Error {
  readonly kind: 'damaged' | 'refused';

  constructor(kind: 'damaged' | 'refused', message: string) {
    super(message);
    this.name = 'PickleFault';
    this.kind = kind;
  }
}

export const damaged = (what: string): PickleFault => new PickleFault('damaged', what);
export const refused = (what: string): PickleFault => new PickleFault('refused', what);
