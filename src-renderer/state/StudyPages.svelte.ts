import { AlignmentState } from './AlignmentState.svelte.ts';
import { ClaimsState } from './ClaimsState.svelte.ts';
import { Definition } from './Definition.svelte.ts';
import { LabState } from './LabState.svelte.ts';
import { MapState } from './MapState.svelte.ts';
import { OverlapState } from './OverlapState.svelte.ts';
import { OverviewState } from './OverviewState.svelte.ts';
import { StudyEdits } from './StudyEdits.svelte.ts';
import type { StudyState } from './StudyState.svelte.ts';
import { TensorState } from './TensorState.svelte.ts';

/** The pages of one study; each keeps what it shows while another one is on screen. */
export class StudyPages {
  readonly study: StudyState;
  readonly definition = new Definition();
  readonly overview: OverviewState;
  readonly map: MapState;
  readonly overlap: OverlapState;
  readonly tensor: TensorState;
  readonly claims: ClaimsState;
  readonly alignment: AlignmentState;
  readonly edits: StudyEdits;
  readonly lab: LabState;

  constructor(study: StudyState) {
    this.study = study;
    this.overview = new OverviewState(study);
    this.map = new MapState(study);
    this.overlap = new OverlapState(study);
    this.tensor = new TensorState(study);
    this.claims = new ClaimsState(study);
    this.alignment = new AlignmentState(study);
    this.edits = new StudyEdits(study);
    this.lab = new LabState(study);
  }
}
