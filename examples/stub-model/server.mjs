// A model server that always answers the same, to try agents without a model: the chat completions of OpenAI, streamed.
//
//   node server.mjs [port]
//
// When the request offers a tool for shell commands and the last prompt says "tool", it first calls that tool once
// (`echo from the tool`); then, and in every other case, it streams one fixed answer. It needs no packages.
import { createServer } from "node:http";

const ANSWER = "Hello from the stub model. I say the same every time, äöü € 🙂 included.";
const port = Number(process.argv[2] ?? 8089);

createServer(async (request, response) => {
  if (request.method === "GET" && request.url.endsWith("/models")) {
    response.setHeader("content-type", "application/json");
    return response.end(JSON.stringify({ object: "list", data: [{ id: "stub", object: "model" }] }));
  }
  if (request.method !== "POST" || !request.url.endsWith("/chat/completions")) {
    response.statusCode = 404;
    return response.end();
  }
  let body = "";
  for await (const piece of request) body += piece;
  const asked = JSON.parse(body);
  const deltas = wantsTool(asked) ? toolCall(shellTool(asked)) : words(ANSWER);
  const usage = { prompt_tokens: 10, completion_tokens: deltas.length, total_tokens: 10 + deltas.length };
  const finish = deltas[0].tool_calls ? "tool_calls" : "stop";
  if (!asked.stream) {
    response.setHeader("content-type", "application/json");
    const message = { role: "assistant", content: ANSWER };
    return response.end(JSON.stringify({ ...head("chat.completion"), choices: [{ index: 0, message, finish_reason: "stop" }], usage }));
  }
  response.setHeader("content-type", "text/event-stream");
  for (const delta of deltas) {
    send(response, { ...head("chat.completion.chunk"), choices: [{ index: 0, delta, finish_reason: null }] });
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  send(response, { ...head("chat.completion.chunk"), choices: [{ index: 0, delta: {}, finish_reason: finish }], usage });
  response.end("data: [DONE]\n\n");
}).listen(port, "127.0.0.1", () => console.log(`stub model on http://127.0.0.1:${port}/v1`));

function head(object) {
  return { id: "stub-1", object, created: 0, model: "stub" };
}

function send(response, chunk) {
  response.write(`data: ${JSON.stringify(chunk)}\n\n`);
}

function words(text) {
  return text.match(/\S+\s*/g).map((word) => ({ role: "assistant", content: word }));
}

function shellTool(asked) {
  return asked.tools?.map((tool) => tool.function).find((tool) => /bash|shell/.test(tool.name));
}

// The tool is called once: its result stands in the messages after the last prompt.
function wantsTool(asked) {
  const last = asked.messages.at(-1);
  return last.role === "user" && JSON.stringify(last.content).includes("tool") && shellTool(asked) !== undefined;
}

function toolCall(tool) {
  const args = { command: "echo from the tool", description: "Says a word" };
  const call = { index: 0, id: "call_1", type: "function", function: { name: tool.name, arguments: JSON.stringify(args) } };
  return [{ role: "assistant", content: null, tool_calls: [call] }];
}
