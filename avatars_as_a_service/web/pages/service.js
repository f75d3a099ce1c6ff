/** Sends requests to the service. */

const TIMEOUT_MS = 180_000;

/** An error answer of the service, or of the connection to it. `code` is the service's stable error code. */
export class ServiceError extends Error {
  constructor(status, code, detail, retryAfter) {
    super(detail);
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/** The URL of the page's own folder: the service may be mounted below a path. */
export const base = new URL(".", document.baseURI).href.replace(/\/$/, "");

/** The answer to a request. Throws `ServiceError` unless it succeeds. `secret` is sent as a bearer token. */
export async function ask(path, { secret = null, headers = {}, ...options } = {}) {
  const sent = secret ? { ...headers, Authorization: `Bearer ${secret}` } : headers;
  let answer;
  try {
    answer = await fetch(path, { signal: AbortSignal.timeout(TIMEOUT_MS), ...options, headers: sent });
  } catch (failure) {
    if (failure.name === "AbortError") throw failure;
    throw new ServiceError(0, failure.name === "TimeoutError" ? "no_answer" : "offline", failure.message, null);
  }
  if (answer.ok) return answer;
  const problem = await answer.json().catch(() => ({}));
  const detail = typeof problem.detail === "string" ? problem.detail : (problem.detail ?? []).map((wrong) => wrong.msg).join(" ");
  throw new ServiceError(answer.status, problem.code ?? "bad_input", detail, answer.headers.get("Retry-After"));
}

/** A picture's URL relative to this page, whatever host the service uses elsewhere. */
export function relative(url) {
  const found = /\/(images\/[^/]+|avatar\?.*)$/.exec(url);
  return found ? found[1] : url;
}
