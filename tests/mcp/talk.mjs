// Talks to a server with an official client, and prints as JSON what came back. What should come back, the test knows.
//
//   node talk.mjs sdk|client REVISION URL TOKEN
//
// `sdk` is @modelcontextprotocol/sdk, which asks for the newest revision it knows; `client` is its successor
// @modelcontextprotocol/client, which asks for the revision that is named.

const [which, revision, url, token] = process.argv.slice(2);
const me = { name: "tenure-tests", version: "0" };
const headers = { Authorization: `Bearer ${token}` };

async function connected() {
  if (which === "sdk") {
    const { Client } = await import("@modelcontextprotocol/sdk/client/index.js");
    const { StreamableHTTPClientTransport } = await import("@modelcontextprotocol/sdk/client/streamableHttp.js");
    const client = new Client(me);
    const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } });
    await client.connect(transport);
    return { client, agreed: transport.protocolVersion };
  }
  const { Client, StreamableHTTPClientTransport } = await import("@modelcontextprotocol/client");
  const options = revision >= "2026" ? { versionNegotiation: { mode: { pin: revision } } } : { supportedProtocolVersions: [revision] };
  const client = new Client(me, options);
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  return { client, agreed: client.getNegotiatedProtocolVersion() };
}

/** Returns what came of it, or that it failed and how. */
async function outcome(promise) {
  try {
    return await promise;
  } catch (error) {
    return { thrown: String(error?.message ?? error), code: error?.code ?? null };
  }
}

const call = (client, name, args) => outcome(client.callTool({ name, arguments: args }));

async function talk() {
  const { client, agreed } = await connected();
  const said = {
    agreed,
    server: client.getServerVersion(),
    capabilities: client.getServerCapabilities(),
    tools: (await client.listTools()).tools,
    read: await call(client, "list_workflows", {}),
    refused: await call(client, "get_workflow", { workflow_id: "none" }),
    invalid: await call(client, "get_workflow", { wrong: true }),
    unknown: await call(client, "dance", {}),
    prompts: await outcome(client.listPrompts()),
    overview: await outcome(client.getPrompt({ name: "workflows" })),
    steps: await outcome(client.getPrompt({ name: "workflows", arguments: { topic: "steps" } })),
    no_topic: await outcome(client.getPrompt({ name: "workflows", arguments: { topic: "dancing" } })),
    no_prompt: await outcome(client.getPrompt({ name: "dancing" })),
  };
  await client.close();
  return said;
}

console.log(JSON.stringify(await outcome(talk())));
process.exit(0);
