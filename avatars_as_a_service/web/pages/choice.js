/** The choice: the face that the user wants, read from and written to a URL's query, in the form of `GET /avatar`. */

/** The features that no seed picks and that are part of a face only if they are given. */
export const OPTIONAL = ["hair_style", "hair_color", "facial_hair"];
export const FEATURES = ["mood", "head_shape", "skin_tone", "smile_type", "nose_type", "eye_color", ...OPTIONAL];
const VARIANTS = 100;

/** `picked` is the variant that the seed picks. */
export const PLAIN = Object.freeze({ mood: "fun", head_shape: "", skin_tone: "", smile_type: "", nose_type: "", eye_color: "", glasses: false, hair_style: "", hair_color: "", facial_hair: "", variant: 0, picked: 0, seed: "", description: null });

/** The choice in a query. Unknown parts are ignored. `allowed(name, value)`: whether a feature has this value. */
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

/** The query of `GET /avatar` and of the page's own URL, without a question mark. */
export function query(choice) {
  if (choice.description !== null) return new URLSearchParams({ description: choice.description }).toString();
  return new URLSearchParams(choice.seed ? seeded(choice) : features(choice)).toString();
}

/** The seed and the features that it does not pick, as `GET /avatar` takes them. */
export function seeded(choice) {
  const given = { mood: choice.mood, seed: choice.seed };
  for (const name of OPTIONAL) if (choice[name]) given[name] = choice[name];
  if (choice.variant !== choice.picked) given.variant = choice.variant;
  return given;
}

/** The chosen features, as `POST /query` takes them. */
export function features(choice) {
  const chosen = {};
  for (const name of FEATURES) if (choice[name]) chosen[name] = choice[name];
  if (choice.glasses) chosen.glasses = true;
  if (choice.variant) chosen.variant = choice.variant;
  return chosen;
}

/** The body of `POST /query`. */
export function body(choice) {
  return { properties: choice.description === null ? features(choice) : { description: choice.description.trim() } };
}

/** The choice with the next variant: the same features, another face. */
export function another(choice) {
  return { ...choice, variant: (choice.variant + 1) % VARIANTS };
}

/** A random face. `values(name)`: the values that a feature can have. */
export function surprise(values) {
  const choice = { ...PLAIN };
  for (const name of FEATURES) if (!OPTIONAL.includes(name)) choice[name] = pick(values(name));
  choice.glasses = pick([true, false, false]);
  return choice;
}

const pick = (values) => values[Math.floor(Math.random() * values.length)];
