/** Every quad is one instance of two triangles; a fragment takes the byte under its centre and its colour from the palette. */
export const STRIPE_SHADER = /* wgsl */ `
struct Quad {
  @location(0) place: vec4f,
  @location(1) source: vec4f,
  @location(2) size: vec2f,
}

struct Fragment {
  @builtin(position) position: vec4f,
  @location(0) @interpolate(flat) corner: vec2f,
  @location(1) @interpolate(flat) source: vec4f,
  @location(2) @interpolate(flat) size: vec2f,
}

@group(0) @binding(0) var<uniform> view: vec4f;
@group(0) @binding(1) var tiles: texture_2d_array<u32>;
@group(0) @binding(2) var palette: texture_2d<f32>;

@vertex
fn placed(@builtin(vertex_index) index: u32, quad: Quad) -> Fragment {
  let corner = vec2f(f32(index & 1u), f32(index >> 1u));
  let at = (quad.place.xy + corner * quad.place.zw) / view.xy;
  var fragment: Fragment;
  fragment.position = vec4f(2.0 * at.x - 1.0, 1.0 - 2.0 * at.y, 0.0, 1.0);
  fragment.corner = quad.place.xy;
  fragment.source = quad.source;
  fragment.size = quad.size;
  return fragment;
}

@fragment
fn coloured(fragment: Fragment) -> @location(0) vec4f {
  let at = fragment.source.xy + (fragment.position.xy - fragment.corner) * fragment.source.z;
  let texel = vec2i(clamp(floor(at), vec2f(0.0), fragment.size - 1.0));
  let byte = textureLoad(tiles, texel, i32(fragment.source.w), 0).r;
  return textureLoad(palette, vec2i(i32(byte), 0), 0);
}
`;
