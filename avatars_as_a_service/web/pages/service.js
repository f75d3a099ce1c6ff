/** The service: asks it, and tells its refusals apart. */

const PATIENCE_MS = 180_000;

/** What the service, or the way to it, said no with. `code` is the service's stable word. */
export class Refusal extends Error {
  constructor(status, code, detail, retryAfter) {
    super(detail);
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/** The page's own folder, so that the service may stand below a path. */
export const base = new URL(".", document.baseURI).href.replace(/\/$/, "");

/** Its answer; raises `Refusal` for every other. `secret` goes along as a bearer token. */
export async function ask(path, { secret = null, headers = {}, ...options } = {}) {
  const sent = secret ? { ...headers, Authorization: `Bearer ${secret}` } : headers;
  let answer;
  try {
    answer = await fetch(path, { signal: AbortSignal.timeout(PATIENCE_MS), ...options, headers: sent });
  } catch (failure) {
    if (failure.name === "AbortError") throw failure;
    throw new Refusal(0, failure.name === "TimeoutError" ? "no_answer" : "offline", failure.message, null);
  }
  if (answer.ok) return answer;
  const said = await answer.json().catch(() => ({}));
  const detail = typeof said.detail === "string" ? said.detail : (said.detail ?? []).map((wrong) => wrong.msg).join(" ");
  throw new Refusal(answer.status, said.code ?? "bad_input", detail, answer.headers.get("Retry-After"));
}

/** A picture's address as this page reaches it, whatever name the service goes by elsewhere. */
export function own(address) {
  const found = /\/(images\/[^/]+|avatar\?.*)$/.exec(address);
  return found ? found[1] : address;
}
