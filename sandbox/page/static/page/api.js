// Speaking with the practice server, which is where this page came from.

import { excuse } from "./words.js";

/** What GET `path` answers. Raises Unreachable. */
export async function get(path, query = {}) {
  return answer(await sent(`${path}?${new URLSearchParams(query)}`, { headers: { accept: "application/json" } }));
}

/** What POST `path` answers. The header shows that no other site sent it. Raises Unreachable. */
export async function post(path, body) {
  const headers = { "content-type": "application/json", "x-practice": "1" };
  return answer(await sent(path, { method: "POST", headers, body: JSON.stringify(body) }));
}

/** Does `what` in the practice platform `name`: {ok, error, errors, notice}, the error and the notice in words. */
export async function act(name, what) {
  try {
    const result = await post(`/api/${name}/act`, what);
    return { errors: {}, ...result, error: excuse(result.error, result.about), notice: excuse(result.notice) };
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    return { ok: false, error: error.message, errors: {}, notice: "" };
  }
}

export class Unreachable extends Error {}

async function sent(path, options) {
  try {
    return await fetch(path, { ...options, cache: "no-store", credentials: "omit" });
  } catch (error) {
    throw new Unreachable(String(error));
  }
}

async function answer(response) {
  const said = await response.json().catch(() => ({}));
  if (response.ok) return said;
  throw new Unreachable(excuse(said.error, said.about) || `${response.status} ${response.statusText}`);
}
