/** Words: what happened and what to do, and figures as people read them. */

const WHY = {
  budget_exhausted: "The budget is used up. Kept faces stay free; drawing goes on when the day or month ends, or when the operator raises the cap.",
  provider_unavailable: "The image model cannot be reached just now. Try again in a while.",
  provider_quota: "The account at the image provider has run out of money. The operator has to top it up there.",
  provider_timeout: "The model took too long. Try again later.",
  provider_bad_answer: "The model sent something that is no picture. Try again in ten minutes.",
  busy: "Too many drawings are waiting. Try again in a moment.",
  storage_unavailable: "A paid picture still waits for its place; nothing more is drawn until it has one.",
  shutting_down: "The service is just restarting. Try again.",
  limits_unavailable: "The limits cannot be checked just now, so nothing is paid for. Try again.",
  refused: "The model refuses to draw this. Ask for something else.",
  flagged: "Moderation does not let this description through. Change it.",
  moderation_unavailable: "Moderation did not answer, so nothing was drawn. Try again.",
  description_needs_a_model: "No image model is connected, so only features can be drawn. To draw descriptions, the operator starts the service with OPENAI_API_KEY set.",
  database_unavailable: "The database cannot be reached. Faces in memory still show; try again soon.",
  api_key_needed: "Drawing a new face needs an API key here. Ask the operator for one.",
  api_key_wrong: "There is no such API key. Check it, or ask the operator for another.",
  api_key_revoked: "This API key has been revoked. Ask the operator for another.",
  origin_not_allowed: "This API key works on other web pages only. Ask the operator for one for this page.",
  offline: "The service cannot be reached. Check the connection and try again.",
  no_answer: "There was no answer in three minutes. Try again later.",
};

/** A refusal or the reason of a stand-in, in words. */
export const why = (code, detail = "") => WHY[code] ?? (detail || "Something went wrong here. Try again.");

/** Dollars with as many decimals as it takes to say them truly: cents, or up to a millionth. */
export function dollars(amount) {
  const small = Math.abs(amount) < 1 && amount !== 0;
  return new Intl.NumberFormat("en", { style: "currency", currency: "USD", minimumFractionDigits: 2, maximumFractionDigits: small ? 6 : 2 }).format(amount);
}

export const number = (value) => new Intl.NumberFormat("en").format(value);

export const percent = (share) => new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 1 }).format(share);

/** How long it took: milliseconds below a second. */
export const duration = (ms) => (ms < 1000 ? `${Math.max(1, Math.round(ms))} ms` : `${(ms / 1000).toFixed(1)} s`);

/** `closed-lip` as `Closed lip`. */
export const spoken = (value) => (value.charAt(0).toUpperCase() + value.slice(1)).replaceAll("-", " ");
