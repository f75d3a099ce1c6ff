/** The choice: what face is asked for. It is read from and written to an address's query, the same as `GET /avatar`'s. */

export const FEATURES = ["mood", "head_shape", "skin_tone", "smile_type", "nose_type", "eye_color"];
const VARIANTS = 100;

export const PLAIN = Object.freeze({ mood: "fun", head_shape: "", skin_tone: "", smile_type: "", nose_type: "", eye_color: "", glasses: false, variant: 0, seed: "", description: null });

/** The choice in a query; what is unknown in it is passed over. `allowed(name, value)` tells whether a feature has it. */
export function read(search, allowed) {
  const given = new URLSearchParams(search);
  const choice = { ...PLAIN };
  for (const name of FEATURES) {
    const value = (given.get(name) ?? "").toLowerCase().replaceAll("_", "-");
    if (value && allowed(name, value)) choice[name] = value;
  }
  choice.glasses = given.get("glasses") === "true";
  const variant = Number(given.get("variant"));
  if (Number.isInteger(variant) && variant >= 0 && variant < VARIANTS) choice.variant = variant;
  choice.seed = (given.get("seed") ?? "").slice(0, 256);
  if (given.has("description")) choice.description = given.get("description").slice(0, 1000);
  return choice;
}

/** The query of `GET /avatar` and of the page's own address, without a question mark. */
export function query(choice) {
  if (choice.description !== null) return new URLSearchParams({ description: choice.description }).toString();
  const said = new URLSearchParams({ mood: choice.mood });
  if (choice.seed) said.set("seed", choice.seed);
  else for (const [name, value] of Object.entries(features(choice))) said.set(name, value);
  if (choice.seed && choice.variant) said.set("variant", choice.variant);
  return said.toString();
}

/** The features that are not left out, as `POST /query` takes them. */
export function features(choice) {
  const said = {};
  for (const name of FEATURES) if (choice[name]) said[name] = choice[name];
  if (choice.glasses) said.glasses = true;
  if (choice.variant) said.variant = choice.variant;
  return said;
}

/** The body of `POST /query`. */
export function body(choice) {
  return { properties: choice.description === null ? features(choice) : { description: choice.description.trim() } };
}

/** The same features, another face. */
export function another(choice) {
  return { ...choice, variant: (choice.variant + 1) % VARIANTS };
}

/** A face by chance: `values(name)` are those that a feature has. */
export function surprise(values) {
  const choice = { ...PLAIN };
  for (const name of FEATURES) choice[name] = pick(values(name));
  choice.glasses = pick([true, false, false]);
  return choice;
}

const pick = (values) => values[Math.floor(Math.random() * values.length)];
