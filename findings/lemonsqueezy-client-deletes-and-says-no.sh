#!/usr/bin/env bash
# @lemonsqueezy/lemonsqueezy.js 4.0.0 (npm, Lemon Squeezy's own): `deleteWebhook` answers with an error and without a status
# after the API has deleted the webhook. It reads every answer as JSON, and a 204, which its documentation promises, has no body.
# Whoever tries again deletes what is gone. Its calls are led to a server on this machine, which answers 204.
# Ends with 1 if this has changed.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts @lemonsqueezy/lemonsqueezy.js@4.0.0
node - <<'JS' | tee seen
const { createServer } = require("node:http");
const { deleteWebhook, lemonSqueezySetup } = require("@lemonsqueezy/lemonsqueezy.js");
const theirs = globalThis.fetch;
const server = createServer((request, response) => {
  console.log(request.method, request.url);
  response.writeHead(204).end();
});
server.listen(0, "127.0.0.1", async () => {
  const here = `http://127.0.0.1:${server.address().port}`;
  globalThis.fetch = (url, options) => theirs(here + new URL(url).pathname, options);
  lemonSqueezySetup({ apiKey: "none" });
  const { statusCode, data, error } = await deleteWebhook(1);
  console.log("status", statusCode, "data", data, "error", error?.name);
  server.close();
});
JS
diff seen - <<'SEEN'
DELETE /v1/webhooks/1
status null data null error SyntaxError
SEEN
