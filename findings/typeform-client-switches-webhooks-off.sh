#!/usr/bin/env bash
# @typeform/api-client 2.10.4 (npm, Typeform's own): `webhooks.create` and `webhooks.update` switch the webhook off unless they
# are told `enabled: true`, so that an update of the URL alone ends its deliveries; and `verifySSL: false` is never sent, so
# that what is once on stays on. Typeform's pages call both optional. A server on this machine shows what is sent to it.
# Ends with 1 if this has changed.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts @typeform/api-client@2.10.4
node - <<'JS' | tee seen
const { createServer } = require("node:http");
const { createClient } = require("@typeform/api-client");
console.log("version", require("@typeform/api-client/package.json").version);
const server = createServer((request, response) => {
  let body = "";
  request.on("data", (part) => (body += part));
  request.on("end", () => {
    console.log(request.method, request.url, body);
    response.setHeader("Content-Type", "application/json");
    response.end("{}");
  });
});
server.listen(0, "127.0.0.1", async () => {
  const client = createClient({ token: "none", apiBaseUrl: `http://127.0.0.1:${server.address().port}` });
  const webhook = { uid: "form", tag: "ledger", url: "https://hooks.acme.example/typeform" };
  await client.webhooks.create(webhook);
  await client.webhooks.update({ ...webhook, verifySSL: false });
  server.close();
});
JS
diff seen - <<'SEEN'
version 2.10.4
PUT /forms/form/webhooks/ledger {"url":"https://hooks.acme.example/typeform","enabled":false}
PUT /forms/form/webhooks/ledger {"url":"https://hooks.acme.example/typeform","enabled":false}
SEEN
