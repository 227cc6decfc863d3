const STORED = 'polarimeter.rail';

/** Whether the rail beside the pages is folded to the keys of the pages; remembered. */
export class RailState {
  #isFolded = $state(localStorage.getItem(STORED) === 'folded');

  get isFolded(): boolean {
    return this.#isFolded;
  }

  toggle(): void {
    this.#isFolded = !this.#isFolded;
    localStorage.setItem(STORED, this.#isFolded ? 'folded' : 'open');
  }
}
