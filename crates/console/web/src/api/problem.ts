// What the server says when it says no (RFC 9457).
import { inLocalTime } from "./local-time";
import type { Problem } from "./types";

export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem, options?: ErrorOptions) {
    super(problem.detail, options);
    this.name = "ProblemError";
    this.problem = problem;
  }

  get code(): string {
    return this.problem.code;
  }
}

/** What is told while nobody answers. */
export const unreachable: Problem = {
  type: "about:blank#server_unreachable",
  code: "server_unreachable",
  status: 0,
  detail: "The server cannot be reached. Check that it runs and that the network is there, then try again.",
  retry: true,
};

/** Reads a problem out of what a refused request was answered with. */
export function problemOf(body: unknown, response: Response): Problem {
  if (typeof body === "object" && body !== null && "code" in body && "detail" in body) return body as Problem;
  const code = `http_${response.status}`;
  return {
    type: `about:blank#${code}`,
    code,
    status: response.status,
    detail: `The server, or something before it, answered ${response.status} ${response.statusText} without saying why.`,
  };
}

/** Returns the sentence to show for anything that was thrown. */
export function sentence(error: unknown): string {
  if (error instanceof ProblemError) return capital(inLocalTime(error.problem.detail));
  return error instanceof Error ? capital(error.message) : capital(String(error));
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
