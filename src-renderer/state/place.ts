/** The pages of a study, in the order of their keys. */
export const VIEWS = [
  'overview',
  'map',
  'tensor',
  'overlap',
  'claims',
  'setup',
  'definitions',
  'lab',
] as const;
export type ViewName = (typeof VIEWS)[number];

export const VIEW_TITLES: Readonly<Record<ViewName, string>> = {
  overview: 'Overview',
  map: 'Map',
  tensor: 'Tensor',
  overlap: 'Overlap',
  claims: 'Claims',
  setup: 'Set-up',
  definitions: 'Definitions',
  lab: 'Experiments',
};

/** What a view shows, as it stands in the address, e.g. { tensor: "model.layers.0.mlp.up_proj.weight" }. */
export type PlaceQuery = Readonly<Record<string, string>>;

export type Place =
  | { readonly page: 'start' }
  | { readonly page: 'study'; readonly id: string; readonly view: ViewName; readonly query: PlaceQuery };

/** The place of an address after "#": /study/ID/VIEW?name=value, or the start page. */
export function placeOf(hash: string): Place {
  const [, id, name = '', search = ''] =
    /^#\/study\/([A-Za-z0-9_-]+)(?:\/([a-z]+))?(?:\?(.*))?$/.exec(hash) ?? [];
  if (id === undefined) return { page: 'start' };
  const view = VIEWS.find((known) => known === name) ?? 'overview';
  return { page: 'study', id, view, query: Object.fromEntries(new URLSearchParams(search)) };
}

/** The address of a view of a study, from "#" on. */
export function viewAddress(id: string, view: ViewName, query: PlaceQuery = {}): string {
  const search = new URLSearchParams(query).toString();
  return `#/study/${id}/${view}${search === '' ? '' : `?${search}`}`;
}
