// Adds a token to every request of a program that cannot be told one: node --import ./auth.mjs PROGRAM

import { getGlobalDispatcher, setGlobalDispatcher } from "undici";

const authorization = `Bearer ${process.env.MCP_TOKEN}`;
const withToken = (headers) =>
  Array.isArray(headers) ? [...headers, "authorization", authorization] : { ...headers, authorization };

setGlobalDispatcher(
  getGlobalDispatcher().compose(
    (dispatch) => (options, handler) => dispatch({ ...options, headers: withToken(options.headers) }, handler),
  ),
);
