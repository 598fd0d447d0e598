// Asks the server. What it does not answer is asked again: an answer counts once however often it is sent.

const PAUSES = [0.5, 1, 2, 4, 8]; // seconds

export class Refused extends Error {}

async function once(path, body) {
  const options = body && { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const response = await fetch(path, options ?? {});
  const content = await response.json().catch(() => ({}));
  if (response.ok) return content;
  const error = content.error ?? `The server answered ${response.status}.`;
  throw response.status >= 500 || response.status === 408 ? new Error(error) : new Refused(error);
}

const pause = (seconds) => new Promise((done) => setTimeout(done, 1000 * seconds));

// Returns the answer to a request, sooner or later. `say` shows what is wrong in the meantime, and "" when it is well.
export async function ask(path, body, say = () => {}) {
  return keepTrying(() => once(path, body), say);
}

export async function keepTrying(attempt, say) {
  for (let turn = 0; ; turn += 1) {
    try {
      const found = await attempt();
      if (turn) say("");
      return found;
    } catch (error) {
      if (error instanceof Refused) throw error;
      say("The server cannot be reached at the moment. Nothing is lost: your answer is sent again until it is stored.");
      await pause(PAUSES[Math.min(turn, PAUSES.length - 1)]);
    }
  }
}
