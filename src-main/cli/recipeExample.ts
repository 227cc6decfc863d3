/** A recipe with every kind of edit explained; those that are not used are comments. */
export const recipeExample = (target: string, donor: string): string => `\
# A recipe: a checkpoint that is not written yet. Everything that reads a checkpoint reads this file as well:
#   polarimeter inspect FILE, compare BASE --other LABEL=FILE, diff, write FILE --out FOLDER
schema: polarimeter.recipe/1
name: shallow reset
# Which of the inputs is edited.
target: sft
# Checkpoints, or other recipes; paths are absolute, or relative to the folder of this file.
# \`polarimeter recipe pin FILE\` writes down what they contain, so that others can be told apart.
inputs:
  sft: { path: ${JSON.stringify(target)} }
  base: { path: ${JSON.stringify(donor)} }

# Edits, one after the other. Each may say which tensors it concerns; all conditions must hold:
#   tensors: { layers: ["0-3", "7"], modules: [q_proj, o_proj], names: ["*.weight"], kinds: [matrix], shapes: [[128, 128]] }
# Kinds are matrix, embedding, head, norm, bias, other.
edits:
  # Tensors of another input, bit for bit.
  - edit: take
    from: base
    tensors: { layers: ["0-1"] }

  # The leading singular directions of another input: a number, or a share of all. Also bottom, and band: [from, to].
  # values: donor or target, vectors: donor or target, variant: paper (as published) or orthonormal.
  # - { edit: restore, from: base, top: 25 %, values: donor, variant: orthonormal, tensors: { modules: [down_proj] } }

  # A part of the way to another input; above 1 and below 0 it goes beyond.
  # - { edit: interpolate, to: base, amount: 0.5 }

  # The update since another input: scaled, cut to its leading directions, or restricted to a mask.
  # - { edit: scale-update, since: base, factor: 0.8 }
  # - { edit: truncate-update, since: base, rank: 8, norm: restored }
  # - { edit: mask-update, since: base, mask: { kind: low-magnitude, share: 0.3 } }

  # Singular values scaled by given factors, or by those that fit another input.
  # - { edit: svf, experts: [{ fit: base, weight: 0.5 }] }

  # The same function with other weights.
  # - { edit: rotate-heads, rotation: haar }
  # - { edit: permute-heads }

  # A control: a random step as long as that of other edits, tensor by tensor.
  # - { edit: matched-step, direction: random, like: [{ edit: take, from: base, tensors: { layers: ["0-1"] } }] }

# Of everything that is drawn at random.
seed: 0
notes: []
`;
