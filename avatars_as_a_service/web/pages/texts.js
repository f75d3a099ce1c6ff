/** Texts: errors and what to do about them; numbers as people read them. */

const ERRORS = {
  budget_exhausted: "The budget is used up. Kept faces stay free. New faces are drawn again when the day or month ends, or when the operator raises the budget.",
  provider_unavailable: "The image model cannot be reached. Try again later.",
  provider_quota: "The account at the image provider has run out of money. The operator must top it up there.",
  provider_timeout: "The model took too long. Try again later.",
  provider_bad_answer: "The model's answer contains no usable picture. Try again in ten minutes.",
  busy: "Too many drawings are waiting. Try again in a moment.",
  storage_unavailable: "A paid picture could not be saved yet, so nothing more is drawn. Try again later.",
  shutting_down: "The service is restarting. Try again.",
  limits_unavailable: "Rate limits cannot be counted, so nothing is drawn. Try again.",
  refused: "The model refuses to draw this. Ask for something else.",
  flagged: "Moderation rejected this description. Change it.",
  moderation_unavailable: "Moderation did not answer, so nothing was drawn. Try again.",
  description_needs_a_model: "The local artist draws features only. To draw descriptions, the operator must set OPENAI_API_KEY.",
  database_unavailable: "The database cannot be reached, so only faces in memory are shown. Try again.",
  api_key_needed: "This service needs an API key. Ask the operator for one.",
  api_key_wrong: "This API key does not exist. Check it, or ask the operator for another.",
  api_key_revoked: "This API key has been revoked. Ask the operator for another.",
  host_not_allowed: "Nothing is paid for under this URL. The operator must set it as AVATARS_PUBLIC_URL.",
  too_many_failures: "Too many wrong keys came from this IP address. Wait a minute, then send the right one.",
  origin_not_allowed: "This API key works only on other web pages. Ask the operator for one for this page.",
  offline: "The service cannot be reached. Check the connection and try again.",
  no_answer: "There was no answer in three minutes. Try again later.",
};

/** The text for an error, or for the reason of a stand-in. */
export const errorText = (code, detail = "") => ERRORS[code] ?? (detail || "Something went wrong. Try again.");

/** An amount of dollars, exact to a millionth below one dollar. */
export function dollars(amount) {
  const small = Math.abs(amount) < 1 && amount !== 0;
  return new Intl.NumberFormat("en", { style: "currency", currency: "USD", minimumFractionDigits: 2, maximumFractionDigits: small ? 6 : 2 }).format(amount);
}

export const number = (value) => new Intl.NumberFormat("en").format(value);

export const percent = (share) => new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 1 }).format(share);

/** A duration: in milliseconds below a second, otherwise in seconds. */
export const duration = (ms) => (ms < 1000 ? `${Math.max(1, Math.round(ms))} ms` : `${(ms / 1000).toFixed(1)} s`);

/** A feature's value as a label: `Closed lip` for `closed-lip`. */
export const label = (value) => (value.charAt(0).toUpperCase() + value.slice(1)).replaceAll("-", " ");
