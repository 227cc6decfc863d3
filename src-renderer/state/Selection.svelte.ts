/** Layers and modules that the user has brushed; every page shows only these while it is not empty. */
export interface Brushed {
  /** Null is all, and tensors outside the layers. */
  readonly layers: readonly [first: number, last: number] | null;
  readonly modules: readonly string[] | null;
}

const ALL: Brushed = { layers: null, modules: null };

/** The part of the model that the pages show. */
export class Selection {
  brushed = $state.raw<Brushed>(ALL);

  readonly isEmpty = $derived(this.brushed.layers === null && this.brushed.modules === null);
  /** "layers 3 to 7, q_proj and k_proj", or "the whole model". */
  readonly words = $derived.by(() => {
    const { layers, modules } = this.brushed;
    const inLayers =
      layers === null
        ? []
        : [
            layers[0] === layers[1]
              ? `layer ${String(layers[0])}`
              : `layers ${String(layers[0])} to ${String(layers[1])}`,
          ];
    const inModules =
      modules === null ? [] : [modules.length > 3 ? `${String(modules.length)} modules` : modules.join(', ')];
    return this.isEmpty ? 'the whole model' : [...inLayers, ...inModules].join(', ');
  });
  /** For queries of rows; see RowsQuery. */
  readonly query = $derived({
    layers: this.brushed.layers === null ? [] : [this.brushed.layers.join('-')],
    module: [...(this.brushed.modules ?? [])],
  });

  brush(brushed: Brushed): void {
    this.brushed = brushed;
  }

  clear(): void {
    this.brushed = ALL;
  }

  has(place: { readonly layer: number | null; readonly module: string | null }): boolean {
    const { layers, modules } = this.brushed;
    if (layers !== null && (place.layer === null || place.layer < layers[0] || place.layer > layers[1]))
      return false;
    return modules === null || (place.module !== null && modules.includes(place.module));
  }
}
